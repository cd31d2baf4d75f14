//! What changes something: new objects, assignments, `add`, `delete`.

use std::pin::Pin;

use realgar::{
    ModelDesc,
    dynamic::{AnyColumn, AnyHandle, AnyRelationship},
};
use serde_json::Value as Json;

use super::{
    Fault, Shell, hint,
    parse::{Argument, Expr},
    value::{Draft, Object, Val},
};

impl Shell {
    /// `User(name='Ada')`: an object that is not added yet.
    pub(super) async fn new_object(&mut self, model: &'static ModelDesc, arguments: &[Argument]) -> Result<Val, Fault> {
        let mut draft = Draft { model, columns: Vec::new(), related: Vec::new(), added: None };
        for argument in arguments {
            let Some(name) = &argument.name else {
                return Err(format!("name the fields: `{}(name=…)`", model.name()).into());
            };
            let value = self.eval(&argument.value, None).await?;
            self.set_in_draft(&mut draft, name, &value)?;
        }
        self.drafts.push(draft);
        Ok(Val::Object(Object::Draft(self.drafts.len() - 1)))
    }

    fn set_in_draft(&self, draft: &mut Draft, name: &str, value: &Val) -> Result<(), Fault> {
        if let Some(column) = AnyColumn::new(draft.model, name) {
            let cell = value.cell(column)?;
            column.check(&cell)?;
            draft.columns.retain(|(known, _)| known.position() != column.position());
            draft.columns.push((column, cell));
            return Ok(());
        }
        let relationship = self.relationship(draft.model, name)?;
        let ends = ends(value, &relationship)?;
        draft.related.retain(|(known, _)| *known != relationship.name);
        draft.related.push((relationship.name, ends));
        Ok(())
    }

    fn relationship(&self, model: &'static ModelDesc, name: &str) -> Result<AnyRelationship, Fault> {
        let found = self.db.relationships(model)?.into_iter().find(|found| found.name == name);
        found.ok_or_else(|| hint::no_field(&self.db, model, name).into())
    }

    /// Adds objects, and what they are related to.
    pub(super) async fn add(&mut self, value: &Val) -> Result<(), Fault> {
        match value {
            Val::Object(object) => {
                self.known(*object).await?;
            }
            Val::List(items) => {
                for item in items {
                    let Val::Object(object) = item else {
                        return Err(format!("`add` takes objects, not {}", item.sort()).into());
                    };
                    self.known(*object).await?;
                }
            }
            other => return Err(format!("`add` takes objects, not {}", other.sort()).into()),
        }
        Ok(())
    }

    /// The session's object: one that is not added yet is added, with what it is related to. Boxed, since it calls itself.
    fn known(&mut self, object: Object) -> Pin<Box<dyn Future<Output = Result<AnyHandle, Fault>> + Send + '_>> {
        Box::pin(async move {
            let draft = match self.resolve(object) {
                Object::Known(object) => return Ok(object),
                Object::Draft(draft) => draft,
            };
            self.missing(draft)?;
            let Draft { model, columns, related, .. } = self.drafts[draft].clone();
            let columns = columns.into_iter().map(|(column, value)| (column.position(), value)).collect();
            let added = self.session.dynamic().add(model, columns)?;
            self.drafts[draft].added = Some(added);
            self.changed = true;
            for (relationship, ends) in related {
                let mut known = Vec::with_capacity(ends.len());
                for end in ends {
                    known.push(self.known(end).await?);
                }
                self.session.dynamic().relate(added, relationship, &known).await?;
            }
            Ok(added)
        })
    }

    /// What a new object must be given, and was not.
    fn missing(&self, index: usize) -> Result<(), Fault> {
        let draft = &self.drafts[index];
        let given = |field: &&&str| draft.columns.iter().any(|(column, _)| column.field() == **field);
        let missing: Vec<&str> = draft.model.required.iter().filter(|field| !given(field)).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let named = |value: &Val| matches!(value, Val::Object(Object::Draft(known)) if *known == index);
        let name = self.variables.iter().find(|(_, value)| named(value)).map_or("it", |(name, _)| name);
        let (model, first) = (draft.model.name(), missing[0]);
        let missing = missing.join(", ");
        Err(format!("a new `{model}` needs {missing}\n  way out: say `{name}.{first} = …`, then add it again").into())
    }

    pub(super) async fn delete(&mut self, value: &Val) -> Result<(), Fault> {
        let objects = match value {
            Val::Query(_, select) => self.objects(*select.clone()).await?,
            Val::List(items) => items.clone(),
            one => vec![one.clone()],
        };
        for object in objects {
            let Val::Object(object) = object else {
                return Err(format!("`delete` takes objects, not {}", object.sort()).into());
            };
            let Object::Known(object) = self.resolve(object) else {
                return Err("a new object that was not added has no row to delete".into());
            };
            self.session.dynamic().delete(object)?;
            self.changed = true;
        }
        Ok(())
    }

    /// `ada = …`, `ada.name = …`
    pub(super) async fn assign(&mut self, target: &Expr, value: Val) -> Result<(), Fault> {
        match target {
            Expr::Name(name) if self.db.model(name).is_ok() || name == "db" => {
                Err(format!("`{name}` is taken: choose another name").into())
            }
            Expr::Name(name) => {
                if matches!(value, Val::Done(_)) {
                    return Err("there is nothing to keep".into());
                }
                // A query is asked once, and what it answered is kept.
                let value = match value {
                    Val::Query(_, select) => Val::List(self.objects(*select).await?),
                    value => value,
                };
                self.variables.insert(name.clone(), value);
                Ok(())
            }
            Expr::Field(owner, name) => {
                let Val::Object(object) = self.eval(owner, None).await? else {
                    return Err("only fields of objects can be set".into());
                };
                self.set(object, name, &value).await
            }
            _ => Err("this cannot be set".into()),
        }
    }

    async fn set(&mut self, object: Object, name: &str, value: &Val) -> Result<(), Fault> {
        let object = match self.resolve(object) {
            Object::Known(object) => object,
            Object::Draft(at) => {
                let mut draft = self.drafts[at].clone();
                self.set_in_draft(&mut draft, name, value)?;
                self.drafts[at] = draft;
                return Ok(());
            }
        };
        if let Some(column) = AnyColumn::new(object.model(), name) {
            let cell = value.cell(column)?;
            column.check(&cell)?;
            self.session.dynamic().set_cell(object, column.position(), cell)?;
        } else {
            let relationship = self.relationship(object.model(), name)?;
            let mut known = Vec::new();
            for end in ends(value, &relationship)? {
                known.push(self.known(end).await?);
            }
            self.session.dynamic().relate(object, name, &known).await?;
        }
        self.changed = true;
        Ok(())
    }

    pub(super) async fn change_collection(
        &mut self,
        owner: Object,
        relationship: &str,
        append: bool,
        item: Object,
    ) -> Result<(), Fault> {
        let owner = match self.resolve(owner) {
            Object::Known(owner) => owner,
            Object::Draft(at) => {
                let found = self.relationship(self.drafts[at].model, relationship)?;
                let related = &mut self.drafts[at].related;
                if !related.iter().any(|(known, _)| *known == found.name) {
                    related.push((found.name, Vec::new()));
                }
                let ends = related.iter_mut().find(|(known, _)| *known == found.name).map(|(_, ends)| ends);
                match ends {
                    Some(ends) if append => ends.push(item),
                    Some(ends) => ends.retain(|end| *end != item),
                    None => {}
                }
                return Ok(());
            }
        };
        let item = self.known(item).await?;
        if append {
            self.session.dynamic().append(owner, relationship, item)?;
        } else {
            self.session.dynamic().load(owner, relationship).await?;
            self.session.dynamic().remove(owner, relationship, item)?;
        }
        self.changed = true;
        Ok(())
    }
}

/// The objects that a relationship is set to.
fn ends(value: &Val, relationship: &AnyRelationship) -> Result<Vec<Object>, Fault> {
    let object = |value: &Val| match value {
        Val::Object(object) => Ok(*object),
        other => Err(Fault::Line(format!("`{}` holds objects, not {}", relationship.name, other.sort()))),
    };
    match value {
        Val::List(items) if relationship.many => items.iter().map(object).collect(),
        Val::Plain(Json::Null) if !relationship.many => Ok(Vec::new()),
        value if !relationship.many => Ok(vec![object(value)?]),
        _ => Err(format!("`{}` takes a list", relationship.name).into()),
    }
}
