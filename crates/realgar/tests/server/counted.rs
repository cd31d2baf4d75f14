//! A database whose round trips are counted.

use realgar::{ModelDesc, prelude::*};

use crate::{proxy::Proxy, world::World};

/// A database by way of a proxy, on one connection.
pub(crate) struct Counted {
    pub(crate) world: World,
    pub(crate) proxy: Proxy,
    pub(crate) db: Db,
}

impl Counted {
    /// On the server that is tested; `None` where there is none.
    pub(crate) async fn new(models: impl AsRef<[&'static ModelDesc]> + Clone) -> Option<Counted> {
        let world = World::new(models.clone()).await?;
        let proxy = Proxy::new(&world.url, world.brand).await;
        let url = world.by_way_of(proxy.address);
        let db = Db::builder(models).pool_size(1).connect(&url).await.expect("the proxy answers");
        proxy.trips();
        Some(Counted { world, proxy, db })
    }

    /// So many trips there were since the last look: on PostgreSQL, on MySQL and MariaDB.
    #[track_caller]
    pub(crate) fn took(&self, [postgres, mysql]: [usize; 2], what: &str) {
        assert_eq!(self.proxy.trips(), self.world.brand.either(postgres, mysql), "{what}");
    }
}
