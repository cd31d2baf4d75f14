//! What a relationship field carries, without the type of its objects.
//!
//! A field of known type would be proved `Send`, dropped and drained anew for each model, through all models that are
//! related with it: a program of many models would be compiled in quadratic time, and four fifths of its code would be this.
//! So the type is known where a user puts something in or looks at it, and nowhere else.

use std::any::Any;

use crate::mapper::{AnyHandle, Extra, Handle, Model, Object, With};

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

/// What a relationship field carries, or nothing where it is unset.
///
/// In two boxes, for the memory's sake: nearly every object of a session has its fields unset, and carries them along.
#[derive(Default)]
pub struct Contents(Option<Box<Box<dyn Carry>>>);

/// Where a field's contents go.
pub trait Sink {
    /// An object that a session owns.
    fn handle(&mut self, handle: AnyHandle);

    /// A new object: `object` is `&mut Option<T>` of the relationship's target, to be taken.
    fn object(&mut self, object: &mut dyn Any);

    /// A relationship of the new object before this, which has no field for it.
    fn extra(&mut self, extra: Extra);
}

/// Things that a field can carry: `Vec<Item<T>>`, `Option<Item<T>>`, or copies of what was loaded.
trait Carry: Any + Send + Sync {
    fn hand_over(self: Box<Self>, to: &mut dyn Sink);

    /// Drops all of it, but what is nested in it goes here.
    fn unnest(self: Box<Self>, nested: &mut Vec<Contents>);
}

impl<T: Model> Carry for Vec<Item<T>> {
    fn hand_over(self: Box<Self>, to: &mut dyn Sink) {
        for item in *self {
            hand_over(item, to);
        }
    }

    fn unnest(self: Box<Self>, nested: &mut Vec<Contents>) {
        for item in *self {
            unnest(item, nested);
        }
    }
}

impl<T: Model> Carry for Option<Item<T>> {
    fn hand_over(self: Box<Self>, to: &mut dyn Sink) {
        if let Some(item) = *self {
            hand_over(item, to);
        }
    }

    fn unnest(self: Box<Self>, nested: &mut Vec<Contents>) {
        if let Some(item) = *self {
            unnest(item, nested);
        }
    }
}

impl Carry for Vec<Box<dyn Object>> {
    fn hand_over(self: Box<Self>, to: &mut dyn Sink) {
        self.into_iter().for_each(|object| object.hand_over(to));
    }

    fn unnest(mut self: Box<Self>, nested: &mut Vec<Contents>) {
        self.iter_mut().for_each(|object| object.unnest(nested));
    }
}

fn hand_over<T: Model>(item: Item<T>, to: &mut dyn Sink) {
    match item {
        Item::Handle(handle) => to.handle(handle.erase()),
        Item::Object(object) => to.object(&mut Some(object)),
        Item::With(with) => {
            to.object(&mut Some(with.object));
            for extra in with.extras {
                to.extra(extra);
            }
        }
    }
}

fn unnest<T: Model>(item: Item<T>, nested: &mut Vec<Contents>) {
    match item {
        Item::Handle(_) => {}
        Item::Object(mut object) => object.unnest(nested),
        Item::With(mut with) => {
            with.object.unnest(nested);
            for extra in with.extras {
                nested.extend(extra.contents);
            }
        }
    }
}

impl Drop for Contents {
    #[inline]
    fn drop(&mut self) {
        if let Some(carried) = self.0.take() {
            drop_nested(*carried);
        }
    }
}

/// Drops what a field carries, however deeply nested it is: a worklist instead of recursion.
#[cold]
fn drop_nested(carried: Box<dyn Carry>) {
    let mut nested = Vec::new();
    carried.unnest(&mut nested);
    while let Some(mut contents) = nested.pop() {
        if let Some(carried) = contents.0.take() {
            carried.unnest(&mut nested);
        }
    }
}

impl Contents {
    pub(super) fn many<T: Model>(items: Vec<Item<T>>) -> Contents {
        Contents(Some(Box::new(Box::new(items))))
    }

    pub(super) fn one<T: Model>(item: Option<Item<T>>) -> Contents {
        Contents(Some(Box::new(Box::new(item))))
    }

    /// Whether the field carries something, or is a loaded (perhaps empty) part of a tree.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// Takes the field's contents out and leaves it unset.
    #[must_use]
    pub fn detach(&mut self) -> Contents {
        Contents(self.0.take())
    }

    /// Hands over what the field carries and leaves it unset.
    pub fn drain(&mut self, to: &mut dyn Sink) {
        if let Some(carried) = self.0.take() {
            carried.hand_over(to);
        }
    }

    /// Makes the field a loaded part of a tree.
    pub fn put(&mut self, objects: Vec<Box<dyn Object>>) {
        *self = Contents(Some(Box::new(Box::new(objects))));
    }

    /// What is carried, with its type.
    pub(super) fn lend<T: Model>(&self) -> Option<Lent<'_, T>> {
        let carried: &dyn Any = &***self.0.as_ref()?;
        let one = || carried.downcast_ref::<Option<Item<T>>>().map(Option::as_slice);
        let items = carried.downcast_ref::<Vec<Item<T>>>().map(Vec::as_slice).or_else(one);
        let copies = carried.downcast_ref::<Vec<Box<dyn Object>>>();
        Some(Lent { items: items.unwrap_or_default(), copies: copies.map(Vec::as_slice).unwrap_or_default() })
    }
}

/// The contents of a field: one of the two is empty.
pub(super) struct Lent<'a, T: Model> {
    items: &'a [Item<T>],
    copies: &'a [Box<dyn Object>],
}

/// One thing that a field carries.
#[derive(Debug, PartialEq)]
pub(super) enum Shown<'a, T: Model> {
    Handle(Handle<T>),
    Object(&'a T),
    With(&'a With<T>),
}

impl<'a, T: Model> Lent<'a, T> {
    /// All of it, in order.
    pub(super) fn iter(self) -> impl Iterator<Item = Shown<'a, T>> {
        let items = self.items.iter().map(Item::show);
        let copies = self.copies.iter().filter_map(|copy| (&**copy as &dyn Any).downcast_ref().map(Shown::Object));
        items.chain(copies)
    }
}

impl<T: Model> Item<T> {
    pub(super) fn show(&self) -> Shown<'_, T> {
        match self {
            Item::Handle(handle) => Shown::Handle(*handle),
            Item::Object(object) => Shown::Object(object),
            Item::With(with) => Shown::With(with),
        }
    }
}

impl<T: Model> Shown<'_, T> {
    /// The same as a thing of one's own.
    pub(super) fn cloned(&self) -> Item<T>
    where
        T: Clone,
    {
        match *self {
            Shown::Handle(handle) => Item::Handle(handle),
            Shown::Object(object) => Item::Object(object.clone()),
            Shown::With(with) => Item::With(Box::new(with.clone())),
        }
    }
}

impl<'a, T: Model> Shown<'a, T> {
    /// The object, unless it is a handle's.
    pub(super) fn object(self) -> Option<&'a T> {
        match self {
            Shown::Object(object) => Some(object),
            Shown::With(with) => Some(&with.object),
            Shown::Handle(_) => None,
        }
    }
}
