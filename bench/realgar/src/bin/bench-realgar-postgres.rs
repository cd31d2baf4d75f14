//! `<URL> <workload,…>`: on PostgreSQL.

use bench_realgar::World;
use common::{Args, POSTGRES_CLEAN};
use realgar::sql;

fn main() {
    let args = Args::parse();
    if args.says("crowd") {
        return bench_realgar::crowd::run(&args.target);
    }
    bench_realgar::run(&args, &args.target, |world: &World| {
        world.runtime.block_on(async {
            let mut s = world.db.session();
            sql(POSTGRES_CLEAN).execute(&mut s).await.unwrap();
            s.commit().await.unwrap();
        });
    });
}
