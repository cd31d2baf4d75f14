//! Relationship fields: they carry new objects and handles in, and loaded trees out. They hold no session state.

use std::{any::Any, fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

use crate::{
    error::{Error, Kind, Result},
    mapper::{AnyHandle, Extra, Handle, Model, ModelDesc, With},
};

/// One thing that a relationship field carries: an object the session owns, or one that is still the caller's.
#[derive(Debug, Clone, PartialEq)]
pub enum Item<T: Model> {
    /// An object the session owns.
    Handle(Handle<T>),
    /// A new object on its way in, or a loaded one on its way out.
    Object(T),
    /// A new object with relationships that have no field.
    With(Box<With<T>>),
}

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

/// What a field carries, or nothing where it is unset: `Vec<Item<T>>` in `Many<T>`, `Carried<T::Model>` in `One<T>`.
///
/// Without its type, for the compiler's sake: it proves `Send` of a struct field by field, and would walk from each model
/// through all that are related with it. In two boxes, for the memory's sake: nearly every object of a session has its
/// fields unset, and carries them along.
type Contents = Option<Box<Box<dyn Any + Send + Sync>>>;

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

/// A relationship field without its type: how the session takes things out of it and puts trees into it.
pub trait Field: Send + Sync {
    /// Whether the field carries something, or is a loaded (perhaps empty) part of a tree.
    fn is_set(&self) -> bool;

    /// Takes the field's contents out and leaves it unset.
    fn detach(&mut self) -> Box<dyn Field>;

    /// Hands over what the field carries and leaves it unset.
    fn drain(&mut self, to: &mut dyn Sink);

    /// Makes the field a loaded part of a tree.
    fn put(&mut self, objects: Vec<Box<dyn Any + Send + Sync>>);

    /// Drops what the field carries, but hands over what is nested in it.
    fn unnest(&mut self, nested: &mut Vec<Box<dyn Field>>);
}

/// Drops what a field carries, however deeply nested it is: a worklist instead of recursion.
#[cold]
fn drop_nested(field: &mut dyn Field) {
    let mut nested = Vec::new();
    field.unnest(&mut nested);
    while let Some(mut field) = nested.pop() {
        field.unnest(&mut nested);
    }
}

fn unnest<T: Model>(item: Item<T>, nested: &mut Vec<Box<dyn Field>>) {
    let mut object = match item {
        Item::Handle(_) => return,
        Item::Object(object) => object,
        Item::With(with) => {
            nested.extend(with.extras.into_iter().filter_map(|extra| extra.contents));
            with.object
        }
    };
    for relationship in 0..T::MODEL.relationships.len() {
        let field = object.field(relationship);
        if field.is_set() {
            nested.push(field.detach());
        }
    }
}

impl<T: Model> Drop for Many<T> {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            drop_nested(self);
        }
    }
}

impl<T: Target> Drop for One<T> {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            drop_nested(self);
        }
    }
}

/// Where a field's contents go.
pub trait Sink {
    /// An object that a session owns.
    fn handle(&mut self, handle: AnyHandle);

    /// A new object: `object` is `&mut Option<T>` of the model described, to be taken.
    fn object(&mut self, model: &'static ModelDesc, object: &mut dyn Any);

    /// A relationship of the new object before this, which has no field for it.
    fn extra(&mut self, extra: Extra);
}

fn hand_over<T: Model>(item: Item<T>, to: &mut dyn Sink) {
    match item {
        Item::Handle(handle) => to.handle(handle.erase()),
        Item::Object(object) => to.object(T::MODEL, &mut Some(object)),
        Item::With(with) => {
            to.object(T::MODEL, &mut Some(with.object));
            with.extras.into_iter().for_each(|extra| to.extra(extra));
        }
    }
}

fn loaded<T: Model>(objects: Vec<Box<dyn Any + Send + Sync>>) -> impl Iterator<Item = Item<T>> {
    objects.into_iter().filter_map(|object| object.downcast().ok().map(|object| Item::Object(*object)))
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

impl<T: Model> Field for Many<T> {
    fn is_set(&self) -> bool {
        self.0.is_some()
    }

    fn detach(&mut self) -> Box<dyn Field> {
        Box::new(std::mem::take(self))
    }

    fn drain(&mut self, to: &mut dyn Sink) {
        self.take().into_iter().for_each(|item| hand_over(item, to));
    }

    fn put(&mut self, objects: Vec<Box<dyn Any + Send + Sync>>) {
        *self = Many::new(loaded(objects).collect());
    }

    fn unnest(&mut self, nested: &mut Vec<Box<dyn Field>>) {
        self.take().into_iter().for_each(|item| unnest(item, nested));
    }
}

impl<T: Target> Field for One<T> {
    fn is_set(&self) -> bool {
        self.0.is_some()
    }

    fn detach(&mut self) -> Box<dyn Field> {
        Box::new(std::mem::take(self))
    }

    fn drain(&mut self, to: &mut dyn Sink) {
        if let Some(item) = self.take() {
            hand_over(item, to);
        }
    }

    fn put(&mut self, objects: Vec<Box<dyn Any + Send + Sync>>) {
        *self = loaded(objects).next().into();
    }

    fn unnest(&mut self, nested: &mut Vec<Box<dyn Field>>) {
        if let Some(item) = self.take() {
            unnest(item, nested);
        }
    }
}

impl<T: Model> Many<T> {
    /// The field with these items.
    #[must_use]
    pub fn new(items: Vec<Item<T>>) -> Self {
        Many(Some(Box::new(Box::new(items))), PhantomData)
    }

    fn take(&mut self) -> Vec<Item<T>> {
        let items = self.0.take().and_then(|items| items.downcast().ok());
        items.map_or_else(Vec::new, |items| *items)
    }

    fn items(&self) -> Option<&Vec<Item<T>>> {
        self.0.as_deref()?.downcast_ref()
    }

    /// The objects of a tree, in order; `DetachedInstance` when they were not loaded.
    pub fn get(&self) -> Result<impl ExactSizeIterator<Item = &T>> {
        let items = self.items().ok_or_else(unloaded::<T>)?;
        if items.iter().any(|item| matches!(item, Item::Handle(_))) {
            return Err(unloaded::<T>());
        }
        Ok(items.iter().map(|item| match item {
            Item::Object(object) => object,
            Item::With(with) => &with.object,
            Item::Handle(_) => unreachable!("no handle is left, see above"),
        }))
    }

    /// Whether a tree's field was not loaded: `#[serde(skip_serializing_if = "Many::is_unloaded")]`.
    #[must_use]
    pub fn is_unloaded(&self) -> bool {
        self.0.is_none()
    }
}

impl<T: Target> One<T> {
    /// Nobody, said on purpose: the foreign key becomes NULL.
    #[must_use]
    pub fn none() -> Self {
        None.into()
    }

    fn take(&mut self) -> Carried<T::Model> {
        let item = self.0.take().and_then(|item| item.downcast::<Carried<T::Model>>().ok());
        item.and_then(|item| *item)
    }

    fn item(&self) -> Option<&Carried<T::Model>> {
        self.0.as_deref()?.downcast_ref()
    }

    /// The object of a tree, or `None` where there is nobody; `DetachedInstance` when it was not loaded.
    pub fn get(&self) -> Result<Option<&T::Model>> {
        match self.item() {
            Some(None) => Ok(None),
            Some(Some(Item::Object(object))) => Ok(Some(object)),
            Some(Some(Item::With(with))) => Ok(Some(&with.object)),
            Some(Some(Item::Handle(_))) | None => Err(unloaded::<T::Model>()),
        }
    }

    /// Whether a tree's field was not loaded: `#[serde(skip_serializing_if = "One::is_unloaded")]`.
    #[must_use]
    pub fn is_unloaded(&self) -> bool {
        self.0.is_none()
    }
}

impl<T: Target> From<Carried<T::Model>> for One<T> {
    fn from(item: Carried<T::Model>) -> Self {
        One(Some(Box::new(Box::new(item))), PhantomData)
    }
}

impl<T: Model> Default for Many<T> {
    fn default() -> Self {
        Many(None, PhantomData)
    }
}
impl<T: Target> Default for One<T> {
    fn default() -> Self {
        One(None, PhantomData)
    }
}

impl<T: Model + Clone> Clone for Many<T> {
    fn clone(&self) -> Self {
        self.items().map_or_else(Many::default, |items| Many::new(items.clone()))
    }
}
impl<T: Target<Model: Clone>> Clone for One<T> {
    fn clone(&self) -> Self {
        self.item().map_or_else(One::default, |item| item.clone().into())
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

impl<T: Model + Serialize> Serialize for Item<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Item::Object(object) => object.serialize(serializer),
            Item::With(with) => with.object.serialize(serializer),
            Item::Handle(_) => Err(ser::Error::custom("a handle cannot be serialised: serialise `session.tree(…)`")),
        }
    }
}
impl<T: Model + Serialize> Serialize for Many<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.items().serialize(serializer)
    }
}
impl<T: Target<Model: Serialize>> Serialize for One<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.item().serialize(serializer)
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
