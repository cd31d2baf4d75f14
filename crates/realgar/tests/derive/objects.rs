//! The functions: new objects, rows in and out, columns and relationships by position.

use realgar::{
    __private::{Result, Row, Value},
    Many, Model, One, Table, new,
};

const ROUNDS: i32 = 3;

fn moment() -> String {
    "now".to_owned()
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Level;

impl Level {
    const TOP: f64 = 1.5;
}

#[derive(Model, Debug, Clone, PartialEq)]
struct Task {
    #[column(primary_key)]
    id: i64,
    r#type: String,
    #[column(default = moment)]
    made: String,
    #[column(default = ROUNDS)]
    rounds: i32,
    #[column(default = Level::TOP)]
    level: f64,
    #[column(default = "none")]
    note: Option<String>,
    #[column(default = vec![1, 2])]
    bytes: Vec<u8>,
    #[column(constant = select_, default = true)]
    select: bool,
    owner: One<Option<Owner>>,
    subtasks: Many<Task>,
    #[column(foreign_key = Owner::code)]
    owner_code: Option<String>,
    #[column(foreign_key = Task::id)]
    part_of: Option<i64>,
}

#[derive(Model, Debug, Clone, PartialEq)]
struct Owner {
    #[column(primary_key)]
    code: String,
    #[relationship(constant = default_)]
    default: Many<Task>,
}

#[derive(Table)]
#[table(name = "links")]
struct Link {
    #[column(foreign_key = Task::id)]
    task_id: i64,
    #[column(foreign_key = Owner::code)]
    r#box: String,
}

struct Cells(Vec<Value<'static>>);

impl Row for Cells {
    fn get(&self, index: usize) -> Result<Value<'_>> {
        Ok(self.0[index].borrow())
    }
}

fn row(task: &Task, before: usize) -> Cells {
    let columns = (0..Task::DESC.table.columns.len()).map(|column| task.cell(column).into_owned());
    Cells((0..before).map(|_| Value::Null).chain(columns).collect())
}

#[test]
fn defaults_fill_what_is_left_out() {
    let task = new!(Task { r#type: "chore" });
    assert_eq!((task.id, task.r#type.as_str(), task.made.as_str(), task.rounds), (0, "chore", "now", 3));
    assert_eq!(
        (task.level, task.note.as_deref(), &task.bytes[..], task.select),
        (1.5, Some("none"), &[1, 2][..], true)
    );
    assert!(task.owner.is_unloaded() && task.subtasks.is_unloaded());
    let literal = Task { rounds: 5, ..Task::default() };
    assert_eq!((literal.rounds, literal.made.as_str()), (5, "now"));
}

#[test]
fn raw_names_lose_their_mark() {
    assert_eq!((Task::r#type.name(), Task::REQUIRED), ("type", &["type"][..]));
    assert_eq!((Link::r#box.name(), Link::DESC.table.columns[1].name), ("box", "box"));
    assert_eq!((Task::select_.name(), Owner::default_.name()), ("select", "default"));
}

#[test]
fn a_struct_becomes_a_row_and_comes_back() -> Result<()> {
    let task = Task { id: 4, note: None, owner_code: Some("ada".into()), ..new!(Task { r#type: "chore" }) };
    assert_eq!(Task::from_row(&row(&task, 0), 0)?, task);
    assert_eq!(Task::from_row(&row(&task, 3), 3)?, task);
    let mut copy = Task::blank();
    for column in 0..Task::DESC.table.columns.len() {
        copy.set_cell(column, task.cell(column))?;
    }
    assert_eq!(copy, task);
    assert!(copy.set_cell(1, Value::Null).is_err());
    Ok(())
}

#[test]
fn a_misfit_names_its_column() {
    let mut cells = row(&Task::blank(), 0);
    cells.0[3] = Value::Bool(true);
    let text = Task::from_row(&cells, 0).map_err(|error| error.to_string()).unwrap_err();
    assert!(text.contains("rounds") && text.contains("task"), "{text}");
}

#[test]
fn relationships_are_reached_by_position() {
    let mut task =
        new!(Task { r#type: "chore", owner: new!(Owner { code: "ada" }), subtasks: [new!(Task { r#type: "x" })] });
    assert!(!task.owner.is_unloaded() && task.field(0).is_set() && task.field(1).is_set());
    task.field(1).put(Vec::new());
    assert_eq!(task.subtasks.get().map(|tasks| tasks.len()).ok(), Some(0));
}

#[test]
fn a_model_brings_its_store() -> Result<()> {
    let mut objects = (Task::MODEL.objects)();
    objects.adopt(0, &mut Some(new!(Task { r#type: "chore" })))?;
    assert_eq!(objects.cell(0, 1), Value::Text("chore".into()));
    Ok(())
}

#[test]
fn a_bare_table_has_cells() {
    let link = Link { task_id: 1, r#box: "b".into() };
    assert_eq!((link.cell(0), link.cell(1)), (Value::Int(1), Value::Text("b".into())));
}
