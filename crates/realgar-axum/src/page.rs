//! Pages by number: `?page=2&per_page=10`.

use std::{convert::Infallible, panic::Location};

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use form_urlencoded::Serializer;
use realgar::{FromRow, Select, Session};
use serde::Serialize;

use crate::{Problem, Result};

/// How many rows a page has where nobody says so.
const PER_PAGE: u64 = 20;

/// Which page is wanted: the extractor of `?page=&per_page=`, or [`new`](PageParams::new).
///
/// `page` counts from 1. What the request asks for is not bounded unless the program says so:
/// `page.max_per_page(100)`. As an extractor it never fails: a number that is none is told by
/// [`paginate`](crate::SelectExt::paginate).
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model, serde::Serialize)] #[model(table = "users")] struct User {
/// #   #[column(primary_key)] id: i64, #[column(unique)] name: String }
/// use realgar_axum::{DbSession, PageParams, Pagination, prelude::*};
///
/// async fn users(DbSession(mut s): DbSession, page: PageParams) -> realgar_axum::Result<Pagination<User>> {
///     let page = page.per_page(10).max_per_page(100);
///     Ok(User::select().order_by(User::name).paginate(&mut s, page).await?.try_map(|user| s.tree(user))?)
/// }
/// ```
///
/// Source: the arguments of `db.paginate`. There, too, `max_per_page` is no limit unless it is given.
#[derive(Debug, Clone)]
pub struct PageParams {
    page: Asked,
    per_page: Asked,
    standard: u64,
    max_per_page: Option<u64>,
    error_out: bool,
    count: bool,
    /// The other parameters of the request, for links to other pages.
    others: Vec<(String, String)>,
}

/// What the request says of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Nothing,
    Number(i64),
    Nonsense,
}

impl Asked {
    pub(crate) fn parse(text: &str) -> Asked {
        text.trim().parse().map_or(Asked::Nonsense, Asked::Number)
    }

    /// A number from 1 on, or what stands for it where it is none; 404 where that is an error.
    pub(crate) fn resolve(self, standard: u64, error_out: bool) -> Result<u64> {
        match self {
            Asked::Nothing => Ok(standard),
            Asked::Number(number) if number >= 1 => Ok(number.unsigned_abs()),
            _ if error_out => Err(Problem::not_found()),
            _ => Ok(standard),
        }
    }
}

impl PageParams {
    /// This page with so many rows.
    #[must_use]
    pub fn new(page: i64, per_page: i64) -> PageParams {
        PageParams { page: Asked::Number(page), per_page: Asked::Number(per_page), ..PageParams::default() }
    }

    /// How many rows a page has where the request does not say (20).
    #[must_use]
    pub fn per_page(mut self, rows: u64) -> PageParams {
        self.standard = rows.max(1);
        self
    }

    /// How many rows a page has at most, whatever the request says.
    #[must_use]
    pub fn max_per_page(mut self, rows: u64) -> PageParams {
        self.max_per_page = Some(rows.max(1));
        self
    }

    /// Whether a page that is not there, or a number that is none, is a 404 (true). Otherwise the first page stands for
    /// numbers below 1, and a page beyond the last one is empty.
    #[must_use]
    pub fn error_out(mut self, error_out: bool) -> PageParams {
        self.error_out = error_out;
        self
    }

    /// Whether the rows are counted (true). Otherwise `total` is `None`, and there are no pages to speak of.
    #[must_use]
    pub fn count(mut self, count: bool) -> PageParams {
        self.count = count;
        self
    }
}

impl Default for PageParams {
    fn default() -> Self {
        PageParams {
            page: Asked::Nothing,
            per_page: Asked::Nothing,
            standard: PER_PAGE,
            max_per_page: None,
            error_out: true,
            count: true,
            others: Vec::new(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageParams {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut params = PageParams::default();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            match &*name {
                "page" => params.page = Asked::parse(&value),
                "per_page" => params.per_page = Asked::parse(&value),
                _ => params.others.push((name.into_owned(), value.into_owned())),
            }
        }
        Ok(params)
    }
}

/// One page of a select, from [`paginate`](crate::SelectExt::paginate).
///
/// As a response it is JSON (`items`, `page`, `per_page`, `total`, `pages`, `has_next`, `has_prev`), with the header
/// `Link` (RFC 8288) to the first, previous, next and last page. Templates take what they need.
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
/// use realgar_axum::{PageParams, prelude::*};
///
/// let page = User::select().order_by(User::id).paginate(&mut s, PageParams::new(1, 2)).await?;
/// let names = page.clone().map(|user| s[user].name.clone());
/// assert_eq!(
///     serde_json::to_string(&names)?,
///     r#"{"items":["Ada","Bob"],"page":1,"per_page":2,"total":3,"pages":2,"has_next":true,"has_prev":false}"#
/// );
/// assert_eq!(page.link_header().unwrap(), r#"<?page=2&per_page=2>; rel="next", <?page=2&per_page=2>; rel="last""#);
/// # Ok(()) }
/// ```
///
/// Source: `Pagination`, `QueryPagination`.
#[derive(Debug, Clone)]
pub struct Pagination<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// The number of this page, from 1 on.
    pub page: u64,
    /// How many rows a page has.
    pub per_page: u64,
    /// How many rows there are in all; `None` where they were not counted.
    pub total: Option<u64>,
    others: Vec<(String, String)>,
}

pub(crate) async fn paginate<R: FromRow>(
    select: Select<R>,
    session: &mut Session,
    params: PageParams,
    place: &'static Location<'static>,
) -> Result<Pagination<R>> {
    let per_page = params.per_page.resolve(params.standard, params.error_out)?;
    let per_page = params.max_per_page.map_or(per_page, |max| per_page.min(max));
    let page = params.page.resolve(1, params.error_out)?;
    // A page whose first row has a number that no database knows is beyond the end.
    let offset = (page - 1).checked_mul(per_page).filter(|&offset| i64::try_from(offset).is_ok());
    let items = match offset {
        Some(offset) => select.clone().limit(per_page).offset(offset).all_at(session, place).await?,
        None => Vec::new(),
    };
    if items.is_empty() && page != 1 && params.error_out {
        return Err(Problem::not_found());
    }
    let total = if params.count { Some(select.count_at(session, place).await?) } else { None };
    Ok(Pagination { items, page, per_page, total, others: params.others })
}

impl<T> Pagination<T> {
    /// How many pages there are; 0 without rows, and where they were not counted.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.total.unwrap_or(0).div_ceil(self.per_page)
    }

    /// Whether there is a page after this one.
    #[must_use]
    pub fn has_next(&self) -> bool {
        self.page < self.pages()
    }

    /// Whether there is a page before this one.
    #[must_use]
    pub fn has_prev(&self) -> bool {
        self.page > 1
    }

    /// The number of the next page.
    #[must_use]
    pub fn next_num(&self) -> Option<u64> {
        self.has_next().then(|| self.page + 1)
    }

    /// The number of the page before.
    #[must_use]
    pub fn prev_num(&self) -> Option<u64> {
        self.has_prev().then(|| self.page - 1)
    }

    /// The number of this page's first row among all, from 1 on; 0 where there is none.
    #[must_use]
    pub fn first(&self) -> u64 {
        if self.items.is_empty() { 0 } else { (self.page - 1) * self.per_page + 1 }
    }

    /// The number of this page's last row among all; 0 where there is none.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.first() + (self.items.len() as u64).saturating_sub(1)
    }

    /// The numbers of pages to link to, with `None` for those left out: two at each edge, two before this page and
    /// four behind it.
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
    /// use realgar_axum::{PageParams, prelude::*};
    ///
    /// s.add_all((0..17).map(|number| new!(User { name: format!("user {number}") })));
    /// let page = User::select().order_by(User::id).paginate(&mut s, PageParams::new(6, 1)).await?;
    /// let shown: Vec<String> = page.iter_pages().map(|page| page.map_or("…".into(), |page| page.to_string())).collect();
    /// assert_eq!(shown.join(" "), "1 2 … 4 5 6 7 8 9 10 … 19 20");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn iter_pages(&self) -> Pages {
        self.iter_pages_with(2, 2, 4, 2)
    }

    /// The same with so many at the left edge, before this page, behind it, and at the right edge.
    ///
    /// Source: `iter_pages(left_edge=2, left_current=2, right_current=4, right_edge=2)`.
    #[must_use]
    pub fn iter_pages_with(&self, left_edge: u64, left: u64, right: u64, right_edge: u64) -> Pages {
        Pages {
            next: 1,
            pages: self.pages(),
            shown: [
                (1, left_edge),
                (self.page.saturating_sub(left), self.page.saturating_add(right)),
                (self.pages().saturating_sub(right_edge) + 1, self.pages()),
            ],
        }
    }

    /// The address of another page, relative to this one: the other parameters of the request stay.
    #[must_use]
    pub fn url(&self, page: u64) -> String {
        let mut query = Serializer::for_suffix(String::from("?"), 1);
        let query = query.extend_pairs(&self.others);
        query.append_pair("page", &page.to_string()).append_pair("per_page", &self.per_page.to_string()).finish()
    }

    /// The address of the next page.
    #[must_use]
    pub fn next_url(&self) -> Option<String> {
        self.next_num().map(|page| self.url(page))
    }

    /// The address of the page before.
    #[must_use]
    pub fn prev_url(&self) -> Option<String> {
        self.prev_num().map(|page| self.url(page))
    }

    /// Other rows on the same page: `page.map(|user| s[user].name.clone())`
    #[must_use]
    pub fn map<U>(self, mut map: impl FnMut(T) -> U) -> Pagination<U> {
        let Ok(page) = self.try_map(|row| Ok::<U, std::convert::Infallible>(map(row)));
        page
    }

    /// Other rows on the same page, where making them can fail: `page.try_map(|user| s.tree(user))?`
    ///
    /// # Errors
    /// The first that `map` answers.
    pub fn try_map<U, E>(self, map: impl FnMut(T) -> Result<U, E>) -> Result<Pagination<U>, E> {
        let items = self.items.into_iter().map(map).collect::<Result<Vec<U>, E>>()?;
        Ok(Pagination { items, page: self.page, per_page: self.per_page, total: self.total, others: self.others })
    }

    /// The value of the header `Link`; `None` where there is no other page.
    #[must_use]
    pub fn link_header(&self) -> Option<HeaderValue> {
        let pages = self.pages();
        let edge = |page: u64| (pages > 1 && page != self.page).then_some(page);
        let links = [("first", edge(1)), ("prev", self.prev_num()), ("next", self.next_num()), ("last", edge(pages))];
        let links = links.into_iter().filter_map(|(rel, page)| Some(format!("<{}>; rel=\"{rel}\"", self.url(page?))));
        let links: Vec<String> = links.collect();
        if links.is_empty() { None } else { HeaderValue::from_str(&links.join(", ")).ok() }
    }
}

/// The numbers of pages to link to, from [`Pagination::iter_pages`].
#[derive(Debug, Clone)]
pub struct Pages {
    next: u64,
    pages: u64,
    /// Which pages are shown: from, to.
    shown: [(u64, u64); 3],
}

impl Iterator for Pages {
    type Item = Option<u64>;

    fn next(&mut self) -> Option<Option<u64>> {
        let page = self.next;
        if page > self.pages {
            return None;
        }
        if self.shown.iter().any(|&(from, to)| from <= page && page <= to) {
            self.next = page + 1;
            return Some(Some(page));
        }
        // The next page that is shown; one gap for all before it.
        let next = self.shown.iter().filter(|&&(from, to)| from > page && from <= to).map(|&(from, _)| from).min();
        self.next = next.unwrap_or(self.pages + 1);
        if next.is_some() { Some(None) } else { None }
    }
}

impl<T: Serialize> Serialize for Pagination<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut page = serializer.serialize_struct("Pagination", 7)?;
        page.serialize_field("items", &self.items)?;
        page.serialize_field("page", &self.page)?;
        page.serialize_field("per_page", &self.per_page)?;
        page.serialize_field("total", &self.total)?;
        page.serialize_field("pages", &self.pages())?;
        page.serialize_field("has_next", &self.has_next())?;
        page.serialize_field("has_prev", &self.has_prev())?;
        page.end()
    }
}

impl<T: Serialize> IntoResponse for Pagination<T> {
    fn into_response(self) -> Response {
        let link = self.link_header();
        let mut response = Json(self).into_response();
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}
