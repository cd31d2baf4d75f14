//! The macros of the user's side: `new!`, `many!`, `models!`.

/// A new object: every value is converted, what is left out takes its default, and a required column that is left out
/// does not compile.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String, city: Option<String>, #[column(default = true)] active: bool }
/// let user = new!(User { name: "Ada", city: "London" });
/// assert_eq!((user.name.as_str(), user.city.as_deref(), user.active), ("Ada", Some("London"), true));
/// ```
///
/// ```compile_fail
/// # use realgar::prelude::*;
/// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String }
/// let user = new!(User {}); // `name` is required
/// ```
#[macro_export]
macro_rules! new {
    (@value $field:ident) => { $field };
    (@value $field:ident, $value:expr) => { $value };
    ($model:path { $($field:ident $(: $value:expr)?),* $(,)? }) => {{
        const _: () = $crate::__private::required_given(
            <$model as $crate::__private::Table>::DESC,
            <$model as $crate::__private::Model>::REQUIRED,
            &[$(::core::stringify!($field)),*],
        );
        #[allow(unused_mut)]
        let mut object = <$model as $crate::__private::Model>::blank();
        $( object.$field = $crate::__private::IntoField::into_field($crate::new!(@value $field $(, $value)?)); )*
        object
    }};
    ($($other:tt)*) => {
        ::core::compile_error!("`new!` takes a model and its fields as a struct literal does: `new!(User { name: \"Ada\", visits: 1 })`")
    };
}

/// A collection of handles and new objects, mixed: `many![post, new!(Post { title: "Hello" })]`.
#[macro_export]
macro_rules! many {
    ($($item:expr),* $(,)?) => { $crate::Many::new(::std::vec![$($crate::Item::from($item)),*]) };
}

/// The models of a database: `models![User, Post]`. Models and tables that they refer to come along.
#[macro_export]
macro_rules! models {
    ($($model:ty),* $(,)?) => { [$(<$model as $crate::__private::Model>::MODEL),*] };
}
