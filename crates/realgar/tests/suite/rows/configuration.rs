//! Rows 25 to 40: mistakes in the mapping. Most do not compile, and are cases of `realgar-compile-fail`.

use realgar::prelude::*;

use crate::{events::Ear, models::open};

mod orphans {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "drawers")]
    pub(super) struct Drawer {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(cascade = "save-update, delete-orphan")]
        pub(super) socks: Many<Sock>,
    }

    #[derive(Model)]
    #[model(table = "socks")]
    pub(super) struct Sock {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Drawer::id)]
        pub(super) drawer_id: Option<i64>,
    }
}

#[tokio::test]
async fn r036_delete_orphan_without_delete_is_warned_about() -> realgar::Result<()> {
    let ear = Ear::default();
    let _guard = tracing::subscriber::set_default(ear.clone());
    Db::connect(&crate::database::database().await, models![orphans::Drawer]).await?;
    let warnings = ear.heard("WARN");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("`Drawer::socks` has the cascade delete-orphan without delete"), "{warnings:?}");
    Ok(())
}

/// Two models of one name, in two modules.
mod a {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "a_users")]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
    }
}

mod b {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "b_users")]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = super::a::User::id)]
        pub(super) other_id: Option<i64>,
        pub(super) other: One<Option<super::a::User>>,
    }
}

#[tokio::test]
async fn r039_models_of_one_name_are_told_apart_by_module() -> realgar::Result<()> {
    let db = open(models![b::User]).await;
    let mut s = db.session();
    let user = s.add(new!(b::User { id: 5, other: new!(a::User { id: 7 }) }));
    s.commit().await?;
    assert_eq!(s.load(user, b::User::other).await?, s.get::<a::User>(7).await?);
    assert_eq!((s.get::<a::User>(5).await?, s.get::<b::User>(7).await?), (None, None));
    Ok(())
}
