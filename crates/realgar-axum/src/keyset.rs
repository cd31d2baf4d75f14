//! Pages by key: each begins where the one before ended, however large the table is.

use std::{convert::Infallible, panic::Location};

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use form_urlencoded::Serializer;
use realgar::{Column, ColumnType, Expr, Expression, Handle, Model, Select, Session, Table, Value, dynamic::AnyColumn};
use serde::{Serialize, ser::SerializeStruct};
use serde_json::Value as JsonValue;

use crate::{Problem, Result, cell, page::Asked};

/// Which page is wanted: the extractor of `?after=&before=&per_page=`.
///
/// As an extractor it never fails: a cursor that is none is told by [`paginate_by`](KeysetExt::paginate_by), and a
/// `per_page` that is no number, or is below 1, is the usual one.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model, serde::Serialize)] #[model(table = "users")] struct User {
/// #   #[column(primary_key)] id: i64, #[column(unique)] name: String }
/// use realgar_axum::{CursorPage, CursorParams, DbSession, desc, prelude::*};
///
/// async fn feed(DbSession(mut s): DbSession, cursor: CursorParams) -> realgar_axum::Result<CursorPage<User>> {
///     let page = User::select().paginate_by(desc(User::id), &mut s, cursor.max_per_page(50)).await?;
///     Ok(page.try_map(|user| s.tree(user))?)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct CursorParams {
    after: Option<String>,
    before: Option<String>,
    per_page: Asked,
    standard: u64,
    max_per_page: u64,
    others: Vec<(String, String)>,
}

impl CursorParams {
    /// The first page with so many rows.
    #[must_use]
    pub fn new(per_page: u64) -> CursorParams {
        CursorParams { standard: per_page.max(1), ..CursorParams::default() }
    }

    /// The page behind this cursor.
    #[must_use]
    pub fn after(self, cursor: impl Into<String>) -> CursorParams {
        CursorParams { after: Some(cursor.into()), before: None, ..self }
    }

    /// The page before this cursor.
    #[must_use]
    pub fn before(self, cursor: impl Into<String>) -> CursorParams {
        CursorParams { before: Some(cursor.into()), after: None, ..self }
    }

    /// How many rows a page has where the request does not say (20).
    #[must_use]
    pub fn per_page(self, rows: u64) -> CursorParams {
        CursorParams { standard: rows.max(1), ..self }
    }

    /// How many rows a page has at most, whatever the request says (100).
    #[must_use]
    pub fn max_per_page(self, rows: u64) -> CursorParams {
        CursorParams { max_per_page: rows.max(1), ..self }
    }
}

impl Default for CursorParams {
    fn default() -> Self {
        let others = Vec::new();
        CursorParams { after: None, before: None, per_page: Asked::Nothing, standard: 20, max_per_page: 100, others }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CursorParams {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut params = CursorParams::default();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            match &*name {
                "after" => params.after = Some(value.into_owned()),
                "before" => params.before = Some(value.into_owned()),
                "per_page" => params.per_page = Asked::parse(&value),
                _ => params.others.push((name.into_owned(), value.into_owned())),
            }
        }
        Ok(params)
    }
}

/// A column, largest first: see [`desc`].
#[derive(Debug)]
pub struct Descending<M, T>(Column<M, T>);

/// Largest first, in the order of [`paginate_by`](KeysetExt::paginate_by).
#[must_use]
pub fn desc<M, T>(column: Column<M, T>) -> Descending<M, T> {
    Descending(column)
}

/// What [`paginate_by`](KeysetExt::paginate_by) sorts by: columns without NULLs, [`desc`] of them, tuples of up to
/// four. Together they are unique: end with the primary key.
#[diagnostic::on_unimplemented(
    message = "pages by key cannot be sorted by `{Self}`",
    note = "sort by columns of the model that take no NULL, `desc(…)` of them, or a tuple of up to four"
)]
pub trait KeysetOrder<M: Model> {
    /// The columns, in order; whether each is descending.
    fn columns(self) -> Vec<(AnyColumn, bool)>;
}

fn erased<M: Model, T>(column: Column<M, T>) -> AnyColumn {
    let position = <M as Table>::DESC.table.position(column.name());
    let found = position.and_then(|position| AnyColumn::all(M::MODEL).nth(position));
    found.expect("a column's constant stands for a column of its model")
}

impl<M: Model, T: ColumnType> KeysetOrder<M> for Column<M, T> {
    fn columns(self) -> Vec<(AnyColumn, bool)> {
        vec![(erased(self), false)]
    }
}

impl<M: Model, T: ColumnType> KeysetOrder<M> for Descending<M, T> {
    fn columns(self) -> Vec<(AnyColumn, bool)> {
        vec![(erased(self.0), true)]
    }
}

macro_rules! tuple_order {
    ($($name:ident),*) => {
        impl<M: Model, $($name: KeysetOrder<M>),*> KeysetOrder<M> for ($($name,)*) {
            #[allow(non_snake_case)]
            fn columns(self) -> Vec<(AnyColumn, bool)> {
                let ($($name,)*) = self;
                let mut columns = Vec::new();
                $(columns.extend($name.columns());)*
                columns
            }
        }
    };
}
tuple_order!(A);
tuple_order!(A, B);
tuple_order!(A, B, C);
tuple_order!(A, B, C, D);

/// Pages by key; in [`prelude`](crate::prelude).
pub trait KeysetExt<M: Model> {
    /// The rows behind (or before) a cursor: `Post::select().paginate_by((desc(Post::written), desc(Post::id)), …)`.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model, serde::Serialize)] #[model(table = "users")] struct User {
    /// #   #[column(primary_key)] id: i64, #[column(unique)] name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # s.add_all(["Ada", "Bob", "Eve"].map(|name| new!(User { name: name })));
    /// # s.commit().await?;
    /// use realgar_axum::{CursorParams, prelude::*};
    ///
    /// let first = User::select().paginate_by((User::name, User::id), &mut s, CursorParams::new(2)).await?;
    /// let next = CursorParams::new(2).after(first.next.unwrap());
    /// let second = User::select().paginate_by((User::name, User::id), &mut s, next).await?;
    /// assert_eq!((s[second.items[0]].name.as_str(), &second.next), ("Eve", &None));
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// One statement for one row more than a page has, whatever lies before it; nothing is counted. The select brings
    /// no order of its own.
    ///
    /// # Errors
    /// 400 for a cursor that is none, or that belongs to another order; what [`Problem`] makes of those of
    /// [`Select::all`].
    ///
    /// A difference from the reference, which has pages by number only.
    fn paginate_by(
        self,
        order: impl KeysetOrder<M>,
        session: &mut Session,
        params: CursorParams,
    ) -> impl Future<Output = Result<CursorPage<Handle<M>>>> + Send;
}

impl<M: Model> KeysetExt<M> for Select<Handle<M>> {
    #[track_caller]
    fn paginate_by(
        self,
        order: impl KeysetOrder<M>,
        session: &mut Session,
        params: CursorParams,
    ) -> impl Future<Output = Result<CursorPage<Handle<M>>>> + Send {
        paginate_by(self, order.columns(), session, params, Location::caller())
    }
}

async fn paginate_by<M: Model>(
    mut select: Select<Handle<M>>,
    order: Vec<(AnyColumn, bool)>,
    session: &mut Session,
    params: CursorParams,
    place: &'static Location<'static>,
) -> Result<CursorPage<Handle<M>>> {
    let per_page = params.per_page.resolve(params.standard, false)?.min(params.max_per_page);
    let backwards = params.after.is_none() && params.before.is_some();
    let cursor = params.after.as_deref().or(params.before.as_deref());
    if let Some(cursor) = cursor {
        let values = decode(cursor, &order)
            .ok_or_else(|| Problem::new(StatusCode::BAD_REQUEST).detail("This is no cursor of this list."))?;
        select = select.filter(behind(&order, &values, backwards));
    }
    for &(column, descending) in &order {
        select = select.order_by(if descending == backwards { column.asc() } else { column.desc() });
    }
    let mut items = select.limit(per_page + 1).all_at(session, place).await?;
    let more = items.len() as u64 > per_page;
    items.truncate(per_page as usize);
    if backwards {
        items.reverse();
    }
    let end = |item: Option<&Handle<M>>| item.and_then(|&item| encode(&session[item], &order));
    let (after, before) = (end(items.last()), end(items.first()));
    Ok(CursorPage {
        next: after.filter(|_| more || backwards),
        prev: before.filter(|_| if backwards { more } else { cursor.is_some() }),
        items,
        per_page,
        others: params.others,
    })
}

/// `a > x OR (a = x AND b > y)`: no database has row values with a direction for each column.
fn behind(order: &[(AnyColumn, bool)], values: &[Value<'static>], backwards: bool) -> Expr<bool> {
    let mut whole: Option<Expr<bool>> = None;
    for (&(column, descending), value) in order.iter().zip(values).rev() {
        let beyond = if descending == backwards { column.gt(value.clone()) } else { column.lt(value.clone()) };
        whole = Some(match whole {
            None => beyond,
            Some(rest) => beyond | (column.eq(value.clone()) & rest),
        });
    }
    whole.expect("an order has a column")
}

fn encode<M: Model>(object: &M, order: &[(AnyColumn, bool)]) -> Option<String> {
    let values = order.iter().map(|(column, _)| cell::to_json(&object.cell(column.position())));
    let values = JsonValue::Array(values.collect::<Option<Vec<_>>>()?);
    Some(URL_SAFE_NO_PAD.encode(values.to_string()))
}

fn decode(cursor: &str, order: &[(AnyColumn, bool)]) -> Option<Vec<Value<'static>>> {
    let values: Vec<JsonValue> = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    if values.len() != order.len() {
        return None;
    }
    let value = |(json, (column, _)): (&JsonValue, &(AnyColumn, bool))| {
        let value = cell::from_json(json, column.r#type()).ok().filter(|value| !value.is_null())?;
        column.check(&value).ok().map(|()| value)
    };
    values.iter().zip(order).map(value).collect()
}

/// One page by key, from [`paginate_by`](KeysetExt::paginate_by).
///
/// As a response it is JSON with `items`, `next` and `prev`, and the header `Link` (RFC 8288).
#[derive(Debug, Clone)]
pub struct CursorPage<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// The cursor of the next page, for `?after=`; `None` behind the last row.
    pub next: Option<String>,
    /// The cursor of the page before, for `?before=`; `None` before the first row.
    pub prev: Option<String>,
    /// How many rows a page has.
    pub per_page: u64,
    others: Vec<(String, String)>,
}

impl<T> CursorPage<T> {
    /// Other rows on the same page: `page.map(|user| s[user].name.clone())`
    #[must_use]
    pub fn map<U>(self, mut map: impl FnMut(T) -> U) -> CursorPage<U> {
        let Ok(page) = self.try_map(|row| Ok::<U, std::convert::Infallible>(map(row)));
        page
    }

    /// Other rows on the same page, where making them can fail: `page.try_map(|user| s.tree(user))?`
    ///
    /// # Errors
    /// The first that `map` answers.
    pub fn try_map<U, E>(self, map: impl FnMut(T) -> Result<U, E>) -> Result<CursorPage<U>, E> {
        let items = self.items.into_iter().map(map).collect::<Result<Vec<U>, E>>()?;
        Ok(CursorPage { items, next: self.next, prev: self.prev, per_page: self.per_page, others: self.others })
    }

    /// The address of the next page, relative to this one.
    #[must_use]
    pub fn next_url(&self) -> Option<String> {
        self.next.as_deref().map(|cursor| self.url("after", cursor))
    }

    /// The address of the page before, relative to this one.
    #[must_use]
    pub fn prev_url(&self) -> Option<String> {
        self.prev.as_deref().map(|cursor| self.url("before", cursor))
    }

    fn url(&self, side: &str, cursor: &str) -> String {
        let mut query = Serializer::for_suffix(String::from("?"), 1);
        let query = query.extend_pairs(&self.others);
        query.append_pair(side, cursor).append_pair("per_page", &self.per_page.to_string()).finish()
    }
}

impl<T: Serialize> Serialize for CursorPage<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut page = serializer.serialize_struct("CursorPage", 4)?;
        page.serialize_field("items", &self.items)?;
        page.serialize_field("per_page", &self.per_page)?;
        page.serialize_field("next", &self.next)?;
        page.serialize_field("prev", &self.prev)?;
        page.end()
    }
}

impl<T: Serialize> IntoResponse for CursorPage<T> {
    fn into_response(self) -> Response {
        let links = [("prev", self.prev_url()), ("next", self.next_url())];
        let links = links.into_iter().filter_map(|(rel, url)| Some(format!("<{}>; rel=\"{rel}\"", url?)));
        let links = links.collect::<Vec<_>>().join(", ");
        let mut response = Json(self).into_response();
        if let Some(links) =
            Some(links).filter(|links| !links.is_empty()).and_then(|links| HeaderValue::from_str(&links).ok())
        {
            response.headers_mut().insert(header::LINK, links);
        }
        response
    }
}
