//! How a model meets its table: what the derive promises, handles and relationship fields, and the registry that links
//! descriptions into mappers and checks the whole picture.
//!
//! | file | what |
//! |---|---|
//! | `model.rs` | the traits that the derives implement |
//! | `describe.rs` | the descriptions they write, as constants |
//! | `column.rs` | the typed constants `User::name` and `User::posts` |
//! | `handle.rs` | `Handle`: the ticket for an object that a session owns |
//! | `field.rs` | `One` and `Many`: what a relationship field carries in and out |
//! | `contents.rs` | the same without the type of its objects |
//! | `with.rs` | new objects with relationships that have no field |
//! | `into.rs` | what `new!` and the verbs accept for a field |
//! | `objects.rs` | the erased trait to objects, and the one typed store behind it |
//! | `hooks.rs` | functions of the user's that run when something happens to an object |
//! | `slots.rs` | the list behind the store: values that never move |
//! | `relationship.rs` | relationships with their direction and join |
//! | `backref.rs` | ways back that have no field |
//! | `link.rs` | a relationship with both ends: what can be wrong between them |
//! | `route.rs` | which foreign keys a relationship goes along |
//! | `settings.rs` | what a relationship's settings ask of its columns |
//! | `mistake.rs` | mistakes as data, and what is said of each, while compiling and at run time |
//! | `text.rs` | a text that is put together while compiling |
//! | `keys.rs` | what a foreign key may refer to |
//! | `join.rs` | from foreign keys to the positions of columns |
//! | `cascade.rs` | what travels along a relationship |
//! | `registry.rs` | descriptions to mappers, names resolved, mistakes reported all at once |
//!
//! Read way: a row becomes an object through `Model::from_row`. Write way: a statement takes its values through
//! `Model::cell`. Not here: which object is where (`identity`), and any SQL.

mod backref;
mod cascade;
mod column;
mod contents;
mod describe;
mod field;
mod handle;
mod hooks;
mod into;
mod join;
mod keys;
mod link;
mod mistake;
mod model;
mod objects;
mod overlaps;
mod registry;
mod relationship;
mod route;
mod settings;
mod signposts;
mod slots;
mod text;
mod with;

pub use backref::{Back, WayBack, holds_key};
pub use cascade::{Cascade, PassiveDeletes};
pub use column::{Column, Relationship, TableRef};
pub use contents::{Contents, Item, Sink};
pub use describe::{JoinDesc, ModelDesc, OrderDesc, RelationshipDesc, Strategy, TableDesc};
pub use field::{Field, Many, One};
pub use handle::{AnyHandle, Handle, Owner};
pub use hooks::{Hook, Hooks, Moment};
pub use into::{IntoField, IntoItem, IntoKey};
pub use keys::{Holds, Referred, foreign_key, refers_to_key};
pub use link::Link;
pub use model::{Cardinality, Model, Table, ToMany, ToOne, model, required_given, validated};
pub use objects::{Object, Objects, Store, objects};
pub use registry::{Mapper, MapperId, Registry};
pub use relationship::{Direction, Relation, Secondary};
pub use slots::Slots;
pub use with::{Extra, New, With};
