//! The application of many models: a tree of tables, each model in a file of its own, with six columns, a relationship to the
//! model above it and one to each of the two below.

/// The model that is touched: one in the middle, with both kinds of relationships.
pub(super) const TOUCHED: usize = 17;

/// The file of a model, in `src`.
pub(super) fn file(index: usize) -> String {
    format!("models/item_{index:03}.rs")
}

/// All files of `src`, by name.
pub(super) fn files(peer: &str, models: usize) -> Vec<(String, String)> {
    type Text = fn(&Model) -> String;
    let (model, main): (Text, fn(usize) -> String) = match peer {
        "realgar" => (realgar, realgar_main),
        "seaorm" => (seaorm, seaorm_main),
        _ => (toasty, toasty_main),
    };
    let each = |line: fn(usize) -> String| (0..models).map(line).collect::<String>();
    let mut modules = each(|index| format!("pub mod item_{index:03};\n"));
    if peer != "seaorm" {
        modules += "\n";
        modules += &each(|index| format!("pub use item_{index:03}::Item{index:03};\n"));
    }
    let mut files: Vec<_> = (0..models).map(|index| (file(index), model(&Model::new(index, models)))).collect();
    files.push(("models.rs".to_owned(), modules));
    files.push(("main.rs".to_owned(), main(models)));
    files
}

/// A model and its neighbours.
struct Model {
    index: usize,
    /// The one above; not of the first.
    parent: Option<usize>,
    /// The name of the collection of this one in the one above.
    side: &'static str,
    children: Vec<(&'static str, usize)>,
}

impl Model {
    fn new(index: usize, models: usize) -> Model {
        let children = [("lefts", 2 * index + 1), ("rights", 2 * index + 2)];
        Model {
            index,
            parent: (index > 0).then(|| (index - 1) / 2),
            side: if index % 2 == 1 { "lefts" } else { "rights" },
            children: children.into_iter().filter(|&(_, child)| child < models).collect(),
        }
    }
}

fn realgar(model: &Model) -> String {
    let Model { index, parent, side, children } = model;
    let mut text = format!(
        "use realgar::prelude::*;\n\n\
        #[derive(Model)]\n\
        pub struct Item{index:03} {{\n    \
            #[column(primary_key)]\n    \
            pub id: i64,\n    \
            pub name: String,\n    \
            pub note: Option<String>,\n    \
            pub amount: i64,\n    \
            pub active: bool,\n"
    );
    if let Some(parent) = parent {
        text += &format!(
            "    #[column(foreign_key = super::Item{parent:03}::id)]\n    \
                pub parent_id: i64,\n    \
                #[relationship(back_populates = {side})]\n    \
                pub parent: One<super::Item{parent:03}>,\n"
        );
    }
    for (name, child) in children {
        text +=
            &format!("    #[relationship(back_populates = parent)]\n    pub {name}: Many<super::Item{child:03}>,\n");
    }
    text + "}\n"
}

fn realgar_main(models: usize) -> String {
    let all: Vec<String> = (0..models).map(|index| format!("models::Item{index:03}")).collect();
    let all = all.join(", ");
    format!(
        r#"mod models;

use models::{{Item000, Item001}};
use realgar::prelude::*;

#[tokio::main]
async fn main() -> realgar::Result<()> {{
    let db = Db::connect("sqlite::memory:", models![{all}]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let left = new!(Item001 {{ name: "left", amount: 2, active: true }});
    s.add(new!(Item000 {{ name: "root", amount: 1, active: true, lefts: [left] }}));
    s.commit().await?;

    let root = Item000::select().filter_by(Item000::name, "root").one(&mut s).await?;
    for left in s.load(root, Item000::lefts).await? {{
        println!("{{}} of {{}}", s[left].name, s[root].name);
        s[left].name.push('!');
    }}
    s.commit().await?;
    println!("{{}} changed", Item001::select().filter(Item001::name.eq("left!")).count(&mut s).await?);
    Ok(())
}}
"#
    )
}

fn seaorm(model: &Model) -> String {
    let Model { index, parent, children, .. } = model;
    let mut text = format!(
        "use sea_orm::entity::prelude::*;\n\n\
        #[sea_orm::model]\n\
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]\n\
        #[sea_orm(table_name = \"item_{index:03}\")]\n\
        pub struct Model {{\n    \
            #[sea_orm(primary_key)]\n    \
            pub id: i64,\n    \
            pub name: String,\n    \
            pub note: Option<String>,\n    \
            pub amount: i64,\n    \
            pub active: bool,\n"
    );
    if let Some(parent) = parent {
        text += &format!(
            "    pub parent_id: i64,\n    \
                #[sea_orm(belongs_to, from = \"parent_id\", to = \"id\")]\n    \
                pub parent: BelongsTo<super::item_{parent:03}::Entity>,\n"
        );
    }
    for (name, child) in children {
        text += &format!("    #[sea_orm(has_many)]\n    pub {name}: HasMany<super::item_{child:03}::Entity>,\n");
    }
    text + "}\n\nimpl ActiveModelBehavior for ActiveModel {}\n"
}

fn seaorm_main(_: usize) -> String {
    r#"mod models;

use models::{item_000, item_001};
use sea_orm::{Database, DbErr, IntoActiveModel, entity::prelude::*};

#[tokio::main]
async fn main() -> Result<(), DbErr> {
    let db = &Database::connect("sqlite::memory:").await?;
    db.get_schema_registry("app::models::*").sync(db).await?;
    let left = item_001::ActiveModel::builder().set_name("left").set_amount(2).set_active(true);
    let root = item_000::ActiveModel::builder().set_name("root").set_amount(1).set_active(true).add_left(left);
    root.insert(db).await?;

    let root = item_000::Entity::load().filter(item_000::COLUMN.name.eq("root")).with(item_001::Entity);
    let mut root = root.one(db).await?.expect("the root was saved").into_active_model();
    for left in root.lefts.as_mut_vec() {
        let name = left.name.take().unwrap_or_default();
        println!("{name} of {}", root.name.as_ref());
        left.name = sea_orm::Set(name + "!");
    }
    root.save(db).await?;
    let changed = item_001::Entity::find().filter(item_001::COLUMN.name.eq("left!"));
    println!("{} changed", changed.count(db).await?);
    Ok(())
}
"#
    .to_owned()
}

fn toasty(model: &Model) -> String {
    let Model { index, parent, children, .. } = model;
    let mut text = format!(
        "use toasty::Deferred;\n\n\
        #[derive(Debug, toasty::Model)]\n\
        pub struct Item{index:03} {{\n    \
            #[key]\n    \
            #[auto]\n    \
            pub id: u64,\n    \
            pub name: String,\n    \
            pub note: Option<String>,\n    \
            pub amount: i64,\n    \
            pub active: bool,\n"
    );
    if let Some(parent) = parent {
        text += &format!(
            "    #[index]\n    \
                pub parent_id: u64,\n    \
                #[belongs_to]\n    \
                pub parent: Deferred<super::Item{parent:03}>,\n"
        );
    }
    for (name, child) in children {
        text += &format!("    #[has_many(pair = parent)]\n    pub {name}: Deferred<Vec<super::Item{child:03}>>,\n");
    }
    text + "}\n"
}

fn toasty_main(_: usize) -> String {
    r#"mod models;

use models::{Item000, Item001};

#[tokio::main]
async fn main() -> toasty::Result<()> {
    let mut db = toasty::Db::builder().models(toasty::models!(crate::*)).connect("sqlite::memory:").await?;
    db.push_schema().await?;
    let root = toasty::create!(Item000 {
        name: "root",
        amount: 1,
        active: true,
        lefts: [{ name: "left", amount: 2, active: true }],
    });
    root.exec(&mut db).await?;

    let root = Item000::filter(Item000::fields().name().eq("root")).first().exec(&mut db).await?;
    let root = root.expect("the root was saved");
    for mut left in root.lefts().exec(&mut db).await? {
        println!("{} of {}", left.name, root.name);
        let name = format!("{}!", left.name);
        left.update().name(name).exec(&mut db).await?;
    }
    let changed = Item001::filter(Item001::fields().name().eq("left!"));
    println!("{} changed", changed.count().exec(&mut db).await?);
    Ok(())
}
"#
    .to_owned()
}
