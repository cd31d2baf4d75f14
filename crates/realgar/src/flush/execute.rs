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
    identity::Entity,
    load::Loader,
    mapper::{MapperId, Moment},
};

/// Runs the plan's steps, in order.
pub(super) async fn execute(loader: &mut Loader<'_>, texts: &Texts, plan: &Plan<'_>) -> Result<()> {
    let mut waiting = Waiting::new(&plan.syncs);
    let mut later = Waiting::new(&plan.later);
    for step in &plan.steps {
        match step {
            Step::Insert(mapper, entities) => {
                run_hooks(loader, *mapper, entities, Moment::BeforeInsert)?;
                insert(loader, texts, *mapper, entities, &mut waiting).await?;
                run_hooks(loader, *mapper, entities, Moment::AfterInsert)?;
            }
            Step::Update(mapper, entities) => {
                run_hooks(loader, *mapper, entities, Moment::BeforeUpdate)?;
                update(loader, texts, *mapper, entities, &mut waiting).await?;
                run_hooks(loader, *mapper, entities, Moment::AfterUpdate)?;
            }
            Step::Switch(mapper, pairs) => {
                let (new, old): (Vec<Entity>, Vec<Entity>) = pairs.iter().copied().unzip();
                run_hooks(loader, *mapper, &old, Moment::BeforeDelete)?;
                run_hooks(loader, *mapper, &new, Moment::BeforeInsert)?;
                switch(loader, texts, *mapper, pairs, &mut waiting).await?;
                run_hooks(loader, *mapper, &new, Moment::AfterInsert)?;
                run_hooks(loader, *mapper, &old, Moment::AfterDelete)?;
            }
            Step::Later(mapper, entities) => update(loader, texts, *mapper, entities, &mut later).await?,
            Step::Unlink(links) => link(loader, texts, links, false).await?,
            Step::Link(links) => link(loader, texts, links, true).await?,
            Step::Delete(mapper, entities) => {
                run_hooks(loader, *mapper, entities, Moment::BeforeDelete)?;
                delete(loader, texts, *mapper, entities).await?;
                run_hooks(loader, *mapper, entities, Moment::AfterDelete)?;
            }
        }
    }
    Ok(())
}

fn run_hooks(loader: &mut Loader<'_>, mapper: MapperId, entities: &[Entity], moment: Moment) -> Result<()> {
    loader.identity.run_hooks(loader.registry.mapper(mapper), entities, moment)
}
