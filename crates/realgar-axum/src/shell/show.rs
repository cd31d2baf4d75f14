//! Values as text and tables.

use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use realgar::{
    Db, ModelDesc, Result, State,
    dynamic::{AnyColumn, AnyHandle},
};
use serde_json::Value as Json;

use super::{
    Fault, Shell,
    value::{Object, Val},
};

/// So many rows of a list are shown, and so many letters of a text in it.
const ROWS: usize = 30;
const LETTERS: usize = 50;

impl Shell {
    /// What a line answers.
    pub(super) async fn show(&mut self, value: &Val) -> Result<String, Fault> {
        Ok(match value {
            Val::Done(text) => text.clone(),
            Val::Query(_, select) => {
                let all = self.session.dynamic().count(*select.clone()).await?;
                let shown = self.objects(select.clone().limit(all.min(ROWS as u64))).await?;
                self.list(&shown, all)?
            }
            Val::List(items) => self.list(&items[..items.len().min(ROWS)], items.len() as u64)?,
            Val::Object(object) => self.object(*object)?,
            other => self.short(other).await? + "\n",
        })
    }

    fn list(&self, shown: &[Val], all: u64) -> Result<String> {
        let mut text = String::new();
        let objects: Option<Vec<AnyHandle>> = shown.iter().map(|value| self.row(value)).collect();
        match objects.as_deref() {
            Some([first, ..]) => text.push_str(&self.table(first.model(), objects.as_deref().unwrap_or_default())?),
            _ => {
                for value in shown {
                    text.push_str(&self.plain(value)?);
                    text.push('\n');
                }
            }
        }
        let left = all.saturating_sub(shown.len() as u64);
        let plural = if all == 1 { "" } else { "s" };
        text.push_str(&format!("{all} row{plural}"));
        text.push_str(&if left > 0 { format!(", {left} of them not shown\n") } else { "\n".to_owned() });
        Ok(text)
    }

    fn row(&self, value: &Val) -> Option<AnyHandle> {
        match value {
            Val::Object(object) => match self.resolve(*object) {
                Object::Known(object) => Some(object),
                Object::Draft(_) => None,
            },
            _ => None,
        }
    }

    fn table(&self, model: &'static ModelDesc, objects: &[AnyHandle]) -> Result<String> {
        let mut table = frame();
        table.set_header(AnyColumn::all(model).map(AnyColumn::field));
        for &object in objects {
            let cells = AnyColumn::all(model).map(|column| self.cell(object, column));
            table.add_row(cells.collect::<Result<Vec<_>>>()?);
        }
        Ok(format!("{table}\n"))
    }

    fn cell(&self, object: AnyHandle, column: AnyColumn) -> Result<String> {
        let value = self.session.dynamic_ref().cell(object, column.position())?;
        Ok(shown(&Val::of(&value)))
    }

    /// All fields of one object, one line each.
    fn object(&self, object: Object) -> Result<String> {
        let object = match self.resolve(object) {
            Object::Known(object) => object,
            Object::Draft(draft) => {
                let draft = &self.drafts[draft];
                let mut table = frame();
                for (column, value) in &draft.columns {
                    let value = if column.is_secret() { Val::Secret } else { Val::of(value) };
                    table.add_row([column.field().to_owned(), shown(&value)]);
                }
                return Ok(format!("{} (not added yet)\n{table}\n", draft.model.name()));
            }
        };
        let mut table = frame();
        for column in AnyColumn::all(object.model()) {
            table.add_row([column.field().to_owned(), self.cell(object, column)?]);
        }
        let follow: Vec<String> =
            self.db.relationships(object.model())?.iter().map(|found| format!(".{}", found.name)).collect();
        let follow = if follow.is_empty() { String::new() } else { format!("follow: {}\n", follow.join(" ")) };
        Ok(format!("{}\n{table}\n{follow}", self.named_object(object)?))
    }

    /// A value in one line, as `print` shows it.
    pub(super) async fn short(&mut self, value: &Val) -> Result<String, Fault> {
        if let Val::Query(_, select) = value {
            let objects = self.objects(*select.clone()).await?;
            return Ok(self.plain(&Val::List(objects))?);
        }
        Ok(match value {
            Val::Plain(Json::String(text)) => text.clone(),
            value => self.plain(value)?,
        })
    }

    fn plain(&self, value: &Val) -> Result<String> {
        Ok(match value {
            Val::Plain(json) => literal(json),
            Val::Secret => "[secret]".to_owned(),
            Val::Object(object) => match self.resolve(*object) {
                Object::Known(object) => self.named_object(object)?,
                Object::Draft(draft) => format!("<{} (transient)>", self.drafts[draft].model.name()),
            },
            Val::List(items) => {
                let items = items.iter().map(|item| self.plain(item)).collect::<Result<Vec<_>>>()?;
                format!("[{}]", items.join(", "))
            }
            other => other.sort().to_owned(),
        })
    }

    /// `<User 1>`, `<User (pending)>`
    fn named_object(&self, object: AnyHandle) -> Result<String> {
        let session = self.session.dynamic_ref();
        let name = object.model().name();
        Ok(match session.key(object)? {
            Some(key) => {
                let key: Vec<String> = key.iter().map(|value| shown(&Val::of(value))).collect();
                let gone = if session.state(object)? == State::Persistent { "" } else { " (deleted)" };
                format!("<{name} {}{gone}>", key.join(", "))
            }
            None => format!("<{name} ({})>", format!("{:?}", session.state(object)?).to_lowercase()),
        })
    }
}

fn frame() -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table
}

fn literal(json: &Json) -> String {
    match json {
        Json::String(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n")),
        Json::Null => "None".to_owned(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

/// A value in a table: one line, not too long, and nothing that a terminal would obey.
fn shown(value: &Val) -> String {
    let text = match value {
        Val::Plain(Json::String(text)) => text.clone(),
        Val::Plain(Json::Null) => "NULL".to_owned(),
        Val::Plain(json) => json.to_string(),
        _ => return "[secret]".to_owned(),
    };
    let mut letters = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let start: String = letters.by_ref().take(LETTERS).collect();
    if letters.next().is_some() { format!("{start}…") } else { start }
}

/// The models of a database.
pub(super) fn models(db: &Db) -> Result<String> {
    let mut table = frame();
    table.set_header(["model", "table", "columns", "relationships"]);
    for model in db.models() {
        let columns: Vec<&str> = AnyColumn::all(model).map(AnyColumn::field).collect();
        let relationships: Vec<&str> = db.relationships(model)?.iter().map(|found| found.name).collect();
        table.add_row([model.name(), model.table.table.name, &columns.join(", "), &relationships.join(", ")]);
    }
    Ok(format!("{table}\n"))
}

/// A model's columns and relationships.
pub(super) fn describe(db: &Db, model: &'static ModelDesc) -> Result<String> {
    let mut table = frame();
    table.set_header([model.name(), "type", "what"]);
    for column in AnyColumn::all(model) {
        let mut what = Vec::new();
        let marks = [
            (column.is_key(), "key"),
            (column.is_unique(), "unique"),
            (column.is_nullable(), "may be NULL"),
            (column.is_made(), "made by the database"),
            (column.is_secret(), "secret"),
        ];
        what.extend(marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark.to_owned()));
        what.extend(column.refers_to().map(|table| format!("refers to {table}")));
        table.add_row([column.field().to_owned(), format!("{:?}", column.r#type()), what.join(", ")]);
    }
    for found in db.relationships(model)? {
        let end = if found.many { format!("many {}", found.target.name()) } else { found.target.name().to_owned() };
        let what = if found.viewonly { "relationship, read only" } else { "relationship" };
        table.add_row([found.name.to_owned(), end, what.to_owned()]);
    }
    Ok(format!("{table}\n"))
}
