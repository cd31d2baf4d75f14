//! A relationship between two tables that no foreign key links: it does not compile, so there is nothing to go wrong later.

use realgar::Result;

use crate::harness::Run;

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    run.out("classes defined without error");
    run.caught_when_compiled("configure_mappers").await;
    // There, whatever comes next is refused for the sake of the first mistake.
    run.caught_when_compiled("second use: every mapper of the registry is now refused").await;
    Ok(())
}
