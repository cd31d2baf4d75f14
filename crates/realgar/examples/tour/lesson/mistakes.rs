//! The lesson's mistakes in the mapping. Some do not compile: a relationship to a model that is not there (`Pxst`), a
//! foreign key to a column that is not there. The others are refused where the database is opened.

use realgar::prelude::*;

use crate::{Done, database::refused, python::truth};

/// No column of `Post` points at `User`.
mod unlinked {
    use super::*;

    #[derive(Model)]
    pub struct User {
        #[column(primary_key)]
        id: i64,
        #[relationship(backref = author)]
        posts: Many<Post>,
    }

    #[derive(Model)]
    pub struct Post {
        #[column(primary_key)]
        id: i64,
    }
}

/// `Post` has an `author`, and no `autor`.
mod typo {
    use super::*;

    #[derive(Model)]
    pub struct User {
        #[column(primary_key)]
        id: i64,
        #[relationship(back_populates = autor)]
        posts: Many<Post>,
    }

    #[derive(Model)]
    pub struct Post {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = User::id)]
        user_id: Option<i64>,
        author: One<Option<User>>,
    }
}

/// `Post::title` is a column.
mod column {
    use super::*;

    #[derive(Model)]
    pub struct User {
        #[column(primary_key)]
        id: i64,
        #[relationship(back_populates = title)]
        posts: Many<Post>,
    }

    #[derive(Model)]
    pub struct Post {
        #[column(primary_key)]
        id: i64,
        title: String,
        #[column(foreign_key = User::id)]
        user_id: Option<i64>,
    }
}

/// `User::posts` names its other side, which does not name it: half in step.
pub mod one_sided {
    use super::*;

    #[derive(Model)]
    #[model(table = "one_sided_user")]
    pub struct User {
        #[column(primary_key)]
        id: i64,
        #[relationship(back_populates = author)]
        pub(super) posts: Many<Post>,
    }

    #[derive(Model)]
    #[model(table = "one_sided_post")]
    pub struct Post {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = User::id)]
        user_id: Option<i64>,
        pub(super) author: One<Option<User>>,
    }
}

pub async fn run(db: &Db) -> Done {
    println!("\n0.6 No foreign key");
    refused(models![unlinked::User]).await?;

    println!("\n0.7 A typo in back_populates");
    refused(models![typo::User]).await?;
    refused(models![column::User]).await?;
    half_in_step(db).await
}

async fn half_in_step(db: &Db) -> Done {
    use one_sided::{Post, User};

    let begin = "one-sided back_populates,";
    let mut s = db.test_session();
    let user = s.add(new!(User {}));
    let post = s.append(user, User::posts, new!(Post {}))?;
    let set = s.loaded(post, Post::author)? == Some(user);
    println!("{begin} append to the side that names it: other side set = {}", truth(set));

    let user = s.add(new!(User {}));
    s.add(new!(Post { author: user }));
    let posts = s.loaded(user, User::posts)?;
    println!("{begin} set on the side that does not name it: collection = {}", posts.len());
    Ok(())
}
