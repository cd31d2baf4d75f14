mod models;

use models::{category, comment, post, profile, tag, user};
use sea_orm::{Database, DbErr, IntoActiveModel, QueryOrder, TransactionTrait, entity::prelude::*};

#[tokio::main]
async fn main() -> Result<(), DbErr> {
    let db = &Database::connect("sqlite::memory:").await?;
    db.get_schema_registry("app::models::*").sync(db).await?;

    let news = category::ActiveModel::builder().set_name("News").insert(db).await?;
    let rust = tag::ActiveModel::builder().set_name("rust").insert(db).await?;
    let ada = user::ActiveModel::builder()
        .set_name("Ada")
        .set_email("ada@example.com")
        .set_active(true)
        .set_profile(profile::ActiveModel::builder().set_bio("First programmer").set_city(Some("London".to_owned())))
        .add_post(
            post::ActiveModel::builder()
                .set_title("Hello")
                .set_category_id(news.id)
                .add_comment(comment::ActiveModel::builder().set_text("Nice").set_amount(5))
                .add_tag(rust.clone()),
        )
        .insert(db)
        .await?;

    let mut ada = ada.into_active_model();
    ada.posts.push(post::ActiveModel::builder().set_title("World").set_category_id(news.id).add_tag(rust));
    ada.save(db).await?;

    let ada = user::Entity::load()
        .filter_by_email("ada@example.com")
        .with((post::Entity, tag::Entity))
        .with((post::Entity, comment::Entity))
        .one(db)
        .await?
        .expect("Ada was saved");
    let mut ada = ada.into_active_model();
    for post in ada.posts.as_mut_vec() {
        let title = post.title.take().unwrap_or_default();
        println!("{title}: {} tags, {} comments", post.tags.as_slice().len(), post.comments.as_slice().len());
        post.title = sea_orm::Set(title + "!");
    }
    ada.active = sea_orm::Set(false);
    ada.save(db).await?;

    let tx = db.begin().await?;
    let posts = post::Entity::load().filter(post::COLUMN.title.like("%!")).order_by_asc(post::COLUMN.title);
    for post in posts.with(user::Entity).all(&tx).await? {
        println!("{} by {}", post.title, post.author.as_ref().map_or("nobody", |author| author.name.as_str()));
        post.delete(&tx).await?;
    }
    tx.rollback().await?;
    println!("{} posts", post::Entity::find().count(db).await?);
    Ok(())
}
