//! A relationship between two tables that no foreign key links.

use realgar::{Result, prelude::*};

use crate::harness::Run;

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: Option<String>,
    #[relationship(back_populates = posts)]
    author: One<Option<User>>,
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    run.out("classes defined without error");
    // Mappings are linked where a database is opened for them: without a `Db` there is nothing to go wrong later.
    run.error("configure_mappers", run.connect(models![User, Post])).await;
    // There, whatever comes next is refused for the sake of the first mistake; here, the mistake itself is said again.
    let again = run.connect(models![User, Post]);
    run.other_error("second use: every mapper of the registry is now refused", Kind::NoForeignKeys, again).await;
    Ok(())
}
