//! Relationship fields: they carry new objects and handles in, and loaded trees out. They hold no session state.

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

use crate::{
    error::{Error, Kind, Result},
    mapper::{
        Item, Model,
        contents::{Contents, Shown},
    },
};

/// What a field to one carries: nobody, or somebody.
pub type Carried<T> = Option<Item<T>>;

/// A relationship to many: the field of a one-to-many or many-to-many relationship.
///
/// In a new object it carries what belongs to it: `posts: [new!(Post { … })]`. In a tree (from [`tree`] or [`fetch`])
/// it holds the loaded objects, read with [`get`](Many::get). Inside a session it is empty: ask the session.
///
/// [`tree`]: crate::Session::tree
/// [`fetch`]: crate::Select::fetch
pub struct Many<T: Model>(Contents, PhantomData<fn() -> T>);

/// A relationship to one: `One<User>`, or `One<Option<User>>` where there may be nobody.
pub struct One<T: Target>(Contents, PhantomData<fn() -> T>);

/// What stands between the brackets of `One<…>`: a model, or `Option` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a model nor `Option` of one",
    note = "write `One<User>`, or `One<Option<User>>` where there may be nobody"
)]
pub trait Target: 'static {
    /// The model.
    type Model: Model;
}
impl<T: Model> Target for T {
    type Model = T;
}
impl<T: Model> Target for Option<T> {
    type Model = T;
}

/// A relationship field: how the session takes things out of it and puts trees into it.
pub trait Field: Send + Sync {
    /// What it carries.
    fn contents(&mut self) -> &mut Contents;
}

impl<T: Model> Field for Many<T> {
    fn contents(&mut self) -> &mut Contents {
        &mut self.0
    }
}

impl<T: Target> Field for One<T> {
    fn contents(&mut self) -> &mut Contents {
        &mut self.0
    }
}

fn unloaded<T: Model>() -> Error {
    Error::new(
        Kind::DetachedInstance,
        format!("this field holds no loaded `{}`: it was not loaded when its object left the session", T::DESC.name),
    )
    .way_out(
        "load it before that, by `.options(….selectin())` in the query; of an object that is in a session ask the \
         session: `session.load(handle, …).await?`",
    )
}

impl<T: Model> Many<T> {
    /// The field with these items.
    #[must_use]
    pub fn new(items: Vec<Item<T>>) -> Self {
        Many(Contents::many(items), PhantomData)
    }

    fn items(&self) -> Option<Vec<Shown<'_, T>>> {
        self.0.lend().map(|lent| lent.iter().collect())
    }

    /// The objects of a tree, in order; `DetachedInstance` when they were not loaded.
    pub fn get(&self) -> Result<impl ExactSizeIterator<Item = &T>> {
        let objects = self.0.lend().and_then(|lent| lent.iter().map(Shown::object).collect::<Option<Vec<&T>>>());
        Ok(objects.ok_or_else(unloaded::<T>)?.into_iter())
    }

    /// Whether a tree's field was not loaded: `#[serde(skip_serializing_if = "Many::is_unloaded")]`.
    #[must_use]
    pub fn is_unloaded(&self) -> bool {
        !self.0.is_set()
    }
}

impl<T: Target> One<T> {
    /// Nobody, said on purpose: the foreign key becomes NULL.
    #[must_use]
    pub fn none() -> Self {
        None.into()
    }

    fn item(&self) -> Option<Option<Shown<'_, T::Model>>> {
        self.0.lend().map(|lent| lent.iter().next())
    }

    /// The object of a tree, or `None` where there is nobody; `DetachedInstance` when it was not loaded.
    pub fn get(&self) -> Result<Option<&T::Model>> {
        match self.item() {
            None | Some(Some(Shown::Handle(_))) => Err(unloaded::<T::Model>()),
            Some(item) => Ok(item.and_then(Shown::object)),
        }
    }

    /// Whether a tree's field was not loaded: `#[serde(skip_serializing_if = "One::is_unloaded")]`.
    #[must_use]
    pub fn is_unloaded(&self) -> bool {
        !self.0.is_set()
    }
}

impl<T: Target> From<Carried<T::Model>> for One<T> {
    fn from(item: Carried<T::Model>) -> Self {
        One(Contents::one(item), PhantomData)
    }
}

impl<T: Model> Default for Many<T> {
    fn default() -> Self {
        Many(Contents::default(), PhantomData)
    }
}
impl<T: Target> Default for One<T> {
    fn default() -> Self {
        One(Contents::default(), PhantomData)
    }
}

impl<T: Model + Clone> Clone for Many<T> {
    fn clone(&self) -> Self {
        self.items().map_or_else(Many::default, |items| Many::new(items.iter().map(Shown::cloned).collect()))
    }
}
impl<T: Target<Model: Clone>> Clone for One<T> {
    fn clone(&self) -> Self {
        self.item().map_or_else(One::default, |item| item.as_ref().map(Shown::cloned).into())
    }
}

impl<T: Model + PartialEq> PartialEq for Many<T> {
    fn eq(&self, other: &Self) -> bool {
        self.items() == other.items()
    }
}
impl<T: Target<Model: PartialEq>> PartialEq for One<T> {
    fn eq(&self, other: &Self) -> bool {
        self.item() == other.item()
    }
}

impl<T: Model + fmt::Debug> fmt::Debug for Many<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.items() {
            None => f.write_str("unloaded"),
            Some(items) => f.debug_list().entries(items).finish(),
        }
    }
}
impl<T: Target<Model: fmt::Debug>> fmt::Debug for One<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.item() {
            None => f.write_str("unloaded"),
            Some(None) => f.write_str("nobody"),
            Some(Some(item)) => item.fmt(f),
        }
    }
}

impl<T: Model + Serialize> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Shown::Object(object) => object.serialize(serializer),
            Shown::With(with) => with.object.serialize(serializer),
            Shown::Handle(_) => Err(ser::Error::custom("a handle cannot be serialised: serialise `session.tree(…)`")),
        }
    }
}
impl<T: Model + Serialize> Serialize for Item<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.show().serialize(serializer)
    }
}
impl<T: Model + Serialize> Serialize for Many<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.items().serialize(serializer)
    }
}
impl<T: Target<Model: Serialize>> Serialize for One<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.item().flatten().serialize(serializer)
    }
}

impl<'de, T: Model + Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let objects = Option::<Vec<T>>::deserialize(deserializer)?;
        Ok(objects.map_or_else(Many::default, |objects| Many::new(objects.into_iter().map(Item::Object).collect())))
    }
}
impl<'de, T: Target<Model: Deserialize<'de>>> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Option::<T::Model>::deserialize(deserializer)?;
        Ok(object.map_or_else(One::default, |object| Some(Item::Object(object)).into()))
    }
}
