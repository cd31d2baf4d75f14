//! Steps become batches of statements, in the plan's order; each kind of statement has a file of its own.

use crate::{
    error::Result,
    flush::{
        Plan, Step, Texts,
        insert::insert,
        remove::{delete, link},
        switch::switch,
        update::update,
        waiting::Waiting,
    },
    load::Loader,
};

/// Runs the plan's steps, in order.
pub(super) async fn execute(loader: &mut Loader<'_>, texts: &Texts, plan: &Plan<'_>) -> Result<()> {
    let mut waiting = Waiting::new(plan.syncs.values().flatten());
    let mut later = Waiting::new(&plan.later);
    for step in &plan.steps {
        match step {
            Step::Insert(mapper, entities) => insert(loader, texts, *mapper, entities, &mut waiting).await?,
            Step::Update(mapper, entities) => update(loader, texts, *mapper, entities, &mut waiting).await?,
            Step::Switch(mapper, pairs) => switch(loader, texts, *mapper, pairs, &mut waiting).await?,
            Step::Later(mapper, entities) => update(loader, texts, *mapper, entities, &mut later).await?,
            Step::Unlink(links) => link(loader, texts, links, false).await?,
            Step::Link(links) => link(loader, texts, links, true).await?,
            Step::Delete(mapper, entities) => delete(loader, texts, *mapper, entities).await?,
        }
    }
    Ok(())
}
