//! The lesson's mistakes in the mapping: most of them do not compile.
//!
//! A relationship to a model that is not there (`Pxst`) and a foreign key to a column that is not there are rustc's own
//! errors. The others come from the derive, shown at the word that is wrong:
//!
//! ```text
//! error[E0080]: relationship `User::posts`: no foreign key links `user` and `post` (NoForeignKeys)
//!               give `Post` a field with `#[column(foreign_key = User::id)]`
//! error[E0080]: relationship `User::posts` back-populates `Post::autor`, which is not there
//!               write `back_populates = author`
//! error[E0080]: relationship `User::posts` back-populates `Post::title`, which is a column, not a relationship
//! ```

use realgar::prelude::*;

use crate::{Done, python::truth};

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
    println!("this does not compile");

    println!("\n0.7 A typo in back_populates");
    println!("this does not compile");
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
