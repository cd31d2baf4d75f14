//! What `new!` and the session's verbs accept for a field: `"Ada"` for a `String`, a handle for a `One`, an array for a `Many`.

use crate::{
    error::Result,
    mapper::{Handle, Item, Many, Model, One, With},
    value::{Auto, Cell, ColumnType, Deferred, Key, Value},
};

/// A value that fits a field of type `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit a field of type `{T}`",
    note = "columns take their own type (text also `&str`), relationships take handles, new objects, and lists of them",
    note = "a `Many` takes a list, even of one: `posts: [post]`",
    note = "`None` is for columns of `Option`, and for `One<Option<_>>`, where there may be nobody"
)]
pub trait IntoField<T> {
    /// The field's value.
    fn into_field(self) -> T;
}

impl<T> IntoField<T> for T {
    fn into_field(self) -> T {
        self
    }
}

impl<T: ColumnType> IntoField<Option<T>> for T {
    fn into_field(self) -> Option<T> {
        Some(self)
    }
}

impl<T: ColumnType> IntoField<Auto<T>> for T {
    fn into_field(self) -> Auto<T> {
        Auto::Known(self)
    }
}

impl<T: ColumnType> IntoField<Deferred<T>> for T {
    fn into_field(self) -> Deferred<T> {
        Deferred::new(self)
    }
}

impl IntoField<Deferred<String>> for &str {
    fn into_field(self) -> Deferred<String> {
        Deferred::new(self.to_owned())
    }
}

impl IntoField<Auto<String>> for &str {
    fn into_field(self) -> Auto<String> {
        Auto::Known(self.to_owned())
    }
}

#[cfg(feature = "serde_json")]
impl<T> IntoField<crate::value::Json<T>> for T {
    fn into_field(self) -> crate::value::Json<T> {
        crate::value::Json(self)
    }
}

impl IntoField<String> for &str {
    fn into_field(self) -> String {
        self.to_owned()
    }
}

impl IntoField<Option<String>> for &str {
    fn into_field(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl IntoField<String> for &String {
    fn into_field(self) -> String {
        self.clone()
    }
}

impl IntoField<Option<String>> for &String {
    fn into_field(self) -> Option<String> {
        Some(self.clone())
    }
}

/// Keys of several columns, with `&str` for some of them: `("EU", 7)` for a `(String, i64)`. One implementation for each
/// choice of columns, since a tuple without `&str` is itself what fits.
macro_rules! text_in_key {
    ([$($done:ident: $from:ty => $to:ty,)*] [$($free:ident)*] text) => {
        #[diagnostic::do_not_recommend]
        impl<$($free),*> IntoField<($($to,)*)> for ($($from,)*) {
            #[allow(non_snake_case)]
            fn into_field(self) -> ($($to,)*) {
                let ($($done,)*) = self;
                ($(IntoField::<$to>::into_field($done),)*)
            }
        }
    };
    ([$($done:tt)*] [$($free:ident)*] none) => {};
    ([$($done:tt)*] [$($free:ident)*] $text:ident $next:ident $($rest:ident)*) => {
        text_in_key!([$($done)* $next: &str => String,] [$($free)*] text $($rest)*);
        text_in_key!([$($done)* $next: $next => $next,] [$($free)* $next] $text $($rest)*);
    };
}

text_in_key!([] [] none A B);
text_in_key!([] [] none A B C);
text_in_key!([] [] none A B C D);

impl<T: Model> From<Handle<T>> for Item<T> {
    fn from(handle: Handle<T>) -> Self {
        Item::Handle(handle)
    }
}

impl<T: Model> From<T> for Item<T> {
    fn from(object: T) -> Self {
        Item::Object(object)
    }
}

/// What fits into a collection of `T`: a handle or a new object.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit into a collection of `{T}`",
    note = "a collection takes handles and new objects of its own model"
)]
pub trait IntoItem<T: Model> {
    /// The item.
    fn into_item(self) -> Item<T>;
}

impl<T: Model> IntoItem<T> for T {
    fn into_item(self) -> Item<T> {
        Item::Object(self)
    }
}

impl<T: Model> IntoItem<T> for Handle<T> {
    fn into_item(self) -> Item<T> {
        Item::Handle(self)
    }
}

impl<T: Model> IntoItem<T> for With<T> {
    fn into_item(self) -> Item<T> {
        self.into()
    }
}

impl<T: Model> IntoItem<T> for Item<T> {
    fn into_item(self) -> Item<T> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Model, I: IntoItem<T>, const N: usize> IntoField<Many<T>> for [I; N] {
    fn into_field(self) -> Many<T> {
        Many::new(self.into_iter().map(IntoItem::into_item).collect())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Model, I: IntoItem<T>> IntoField<Many<T>> for Vec<I> {
    fn into_field(self) -> Many<T> {
        Many::new(self.into_iter().map(IntoItem::into_item).collect())
    }
}

impl<T: Model> IntoField<One<T>> for T {
    fn into_field(self) -> One<T> {
        Some(Item::Object(self)).into()
    }
}

impl<T: Model> IntoField<One<Option<T>>> for T {
    fn into_field(self) -> One<Option<T>> {
        Some(Item::Object(self)).into()
    }
}

impl<T: Model> IntoField<One<T>> for Handle<T> {
    fn into_field(self) -> One<T> {
        Some(Item::Handle(self)).into()
    }
}

impl<T: Model> IntoField<One<Option<T>>> for Handle<T> {
    fn into_field(self) -> One<Option<T>> {
        Some(Item::Handle(self)).into()
    }
}

// For handles alone, not for new objects too: so that a bare `None` has a type.
impl<T: Model> IntoField<One<Option<T>>> for Option<Handle<T>> {
    fn into_field(self) -> One<Option<T>> {
        self.map(Item::Handle).into()
    }
}

/// A primary key as users write it: `1`, `"de"`, or a tuple in the order of the fields.
#[diagnostic::on_unimplemented(message = "`{Self}` is not the type of a primary key")]
pub trait IntoKey: Sized + Send {
    /// The key; `None` when a part of it is NULL.
    fn into_key(self) -> Option<Key>;

    /// The key as users write it.
    fn from_key(key: &Key) -> Result<Self>;
}

impl<T: Cell> IntoKey for T {
    fn into_key(self) -> Option<Key> {
        Key::new([self.to_cell()])
    }

    fn from_key(key: &Key) -> Result<Self> {
        T::from_cell(key.get(0))
    }
}

macro_rules! tuple_key {
    ($($name:ident),*) => {
        impl<$($name: Cell),*> IntoKey for ($($name,)*) {
            #[allow(non_snake_case)]
            fn into_key(self) -> Option<Key> {
                let ($($name,)*) = &self;
                Key::new([$($name.to_cell()),*])
            }

            fn from_key(key: &Key) -> Result<Self> {
                let mut values = key.values();
                Ok(($($name::from_cell(values.next().unwrap_or(Value::Null))?,)*))
            }
        }
    };
}

tuple_key!(A, B);
tuple_key!(A, B, C);
tuple_key!(A, B, C, D);
