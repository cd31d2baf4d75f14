//! Bodies of requests become objects, and changes of objects.
//!
//! First everything is read and checked against what the program allows, all mistakes at once; then objects that the
//! body refers to are looked up; only then anything changes.

use std::{panic::Location, pin::Pin};

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::StatusCode,
};
use realgar::{
    Error, Handle, Kind, Model, Session, Value,
    dynamic::{AnyColumn, AnyHandle},
};
use serde_json::{Map, Value as JsonValue};

use crate::{
    FieldError, Fields, Problem, Result, cell,
    fields::{Allowed, AllowedNested},
};

/// The body of a request: a JSON object, to be made an object of a model, or changes of one.
///
/// ```
/// use axum::http::StatusCode;
/// use realgar::prelude::*;
/// use realgar_axum::{DbSession, JsonBody, nested};
/// # #[derive(Model)] #[model(table = "posts")] struct Post { #[column(primary_key)] id: i64, title: String,
/// #   #[relationship(back_populates = post, cascade = "all, delete-orphan")] comments: Many<Comment> }
/// # #[derive(Model)] #[model(table = "comments")] struct Comment { #[column(primary_key)] id: i64, text: String,
/// #   #[column(foreign_key = Post::id)] post_id: i64, #[relationship(back_populates = comments)] post: One<Post> }
///
/// // {"title": "Hello", "comments": [{"text": "First!"}]}
/// async fn create(DbSession(mut s): DbSession, body: JsonBody) -> realgar_axum::Result<StatusCode> {
///     let post = body.create::<Post>(&mut s, (Post::title, nested(Post::comments, Comment::text))).await?;
///     s.commit().await?;
///     Ok(StatusCode::CREATED)
/// }
/// ```
///
/// # Errors
/// As an extractor: 400 for malformed JSON, 413 for a body that is too large, 415 for another content type, 422 for
/// JSON that is no object.
#[derive(Debug, Clone)]
pub struct JsonBody(Map<String, JsonValue>);

impl JsonBody {
    /// A body that is there already: of a queue, of a test.
    #[must_use]
    pub fn new(object: Map<String, JsonValue>) -> JsonBody {
        JsonBody(object)
    }

    /// Makes a new object of the body, with what is nested in it. The next flush inserts it.
    ///
    /// Fields are named as in the struct. Columns that are not allowed keep their defaults: set them afterwards.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "posts")] struct Post { #[column(primary_key)] id: i64, title: String,
    /// #   #[relationship(back_populates = post, cascade = "all, delete-orphan")] comments: Many<Comment> }
    /// # #[derive(Model)] #[model(table = "comments")] struct Comment { #[column(primary_key)] id: i64, text: String,
    /// #   #[column(foreign_key = Post::id)] post_id: i64, #[relationship(back_populates = comments)] post: One<Post> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::connect("sqlite::memory:", models![Post]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # fn body(text: &str) -> JsonBody { JsonBody::new(serde_json::from_str(text).unwrap()) }
    /// use realgar_axum::{JsonBody, nested};
    ///
    /// let fields = || (Post::title, nested(Post::comments, Comment::text));
    /// let post = body(r#"{"title": "Hello", "comments": [{"text": "First!"}]}"#).create::<Post>(&mut s, fields()).await?;
    /// s.commit().await?;
    /// assert_eq!(s.load(post, Post::comments).await?.len(), 1);
    ///
    /// let problem = body(r#"{"id": 9, "comments": [{"text": 1}]}"#).create::<Post>(&mut s, fields()).await.unwrap_err();
    /// let errors: Vec<String> = problem.errors().iter().map(|error| format!("{}: {}", error.pointer, error.detail)).collect();
    /// assert_eq!(errors, ["#/comments/0/text: expected text", "#/id: unknown field", "#/title: missing"]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// Nothing is sent but what looks up nested objects by their keys: one statement for each that the session does not
    /// know.
    ///
    /// # Errors
    /// 422 with every mistake and its place: an unknown field, a wrong type, a value that is missing or too long, a
    /// nested object whose key is not there. Nothing is added then.
    #[track_caller]
    pub fn create<M: Model>(
        &self,
        session: &mut Session,
        fields: impl Fields<M>,
    ) -> impl Future<Output = Result<Handle<M>>> + Send {
        let (allowed, place) = (Allowed::of::<M>(fields), Location::caller());
        async move {
            let object = self.write(session, None, &allowed, place).await?;
            object.typed().ok_or_else(|| Error::new(Kind::Other, "an object of another model").into())
        }
    }

    /// Changes an object: the fields that the body names, and no others.
    ///
    /// A collection becomes what the body says: nested objects with a key are kept (and changed), those without are
    /// new, and those left out leave the collection. Where a foreign key over there holds them, they must be this
    /// object's already: a body cannot take away what belongs to another one.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "posts")] struct Post { #[column(primary_key)] id: i64, title: String,
    /// #   #[relationship(back_populates = post, cascade = "all, delete-orphan")] comments: Many<Comment> }
    /// # #[derive(Model)] #[model(table = "comments")] struct Comment { #[column(primary_key)] id: i64, text: String,
    /// #   #[column(foreign_key = Post::id)] post_id: i64, #[relationship(back_populates = comments)] post: One<Post> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::connect("sqlite::memory:", models![Post]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # fn body(text: &str) -> JsonBody { JsonBody::new(serde_json::from_str(text).unwrap()) }
    /// use realgar_axum::{JsonBody, nested};
    ///
    /// let post = s.add(new!(Post { title: "Hello", comments: [new!(Comment { text: "a" }), new!(Comment { text: "b" })] }));
    /// s.commit().await?;
    /// let fields = (Post::title, nested(Post::comments, (Comment::id, Comment::text)));
    /// body(r#"{"comments": [{"id": 1, "text": "A"}, {"text": "new"}]}"#).change(&mut s, post, fields).await?;
    /// s.commit().await?; // the second comment is an orphan now, and deleted
    /// let texts: Vec<String> = select(Comment::text).order_by(Comment::id).all(&mut s).await?;
    /// assert_eq!((texts.join(" "), s[post].title.as_str()), ("A new".into(), "Hello"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// Besides what [`create`](JsonBody::create) sends, one statement for each collection that the body names and the
    /// session has not loaded.
    ///
    /// # Errors
    /// As [`create`](JsonBody::create); a value is missing only where it is `null`.
    #[track_caller]
    pub fn change<M: Model>(
        &self,
        session: &mut Session,
        object: Handle<M>,
        fields: impl Fields<M>,
    ) -> impl Future<Output = Result<()>> + Send {
        let (allowed, place) = (Allowed::of::<M>(fields), Location::caller());
        async move { self.write(session, Some(object.erase()), &allowed, place).await.map(drop) }
    }

    async fn write(
        &self,
        session: &mut Session,
        object: Option<AnyHandle>,
        allowed: &Allowed,
        place: Place,
    ) -> Result<AnyHandle> {
        let mut errors = Vec::new();
        let draft = Draft::read(&self.0, allowed, "#", object.is_some(), &mut errors);
        let draft = draft.ready(session, object, errors, place).await?;
        apply(draft, session, place).await
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let Json(body) = Json::<JsonValue>::from_request(request, state).await.map_err(refused)?;
        match body {
            JsonValue::Object(object) => Ok(JsonBody(object)),
            _ => Err(Problem::unprocessable(vec![error("#", "expected an object")])),
        }
    }
}

fn refused(rejection: JsonRejection) -> Problem {
    let detail = match rejection.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "The body must be JSON: send `Content-Type: application/json`.",
        StatusCode::PAYLOAD_TOO_LARGE => "The body is too large.",
        _ => "The body is no JSON.",
    };
    Problem::new(rejection.status()).detail(detail)
}

fn error(pointer: &str, detail: impl Into<String>) -> FieldError {
    FieldError { pointer: pointer.to_owned(), detail: detail.into() }
}

/// Where the program asked for it.
type Place = &'static Location<'static>;

/// What a body says of one object.
struct Draft<'a> {
    allowed: &'a Allowed,
    pointer: String,
    columns: Vec<(AnyColumn, Value<'static>)>,
    related: Vec<(&'a AllowedNested, String, Vec<Draft<'a>>)>,
    /// The key of an object that is there.
    key: Option<Vec<Value<'static>>>,
    /// The object, once it is found.
    object: Option<AnyHandle>,
}

impl<'a> Draft<'a> {
    /// Reads and checks an object of the body; `known` where it is one that is there.
    fn read(
        body: &Map<String, JsonValue>,
        allowed: &'a Allowed,
        pointer: &str,
        known: bool,
        errors: &mut Vec<FieldError>,
    ) -> Draft<'a> {
        let pointer = pointer.to_owned();
        let mut draft = Draft { allowed, pointer, columns: Vec::new(), related: Vec::new(), key: None, object: None };
        for (name, value) in body {
            let pointer = format!("{}/{}", draft.pointer, name.replace('~', "~0").replace('/', "~1"));
            if let Some(&column) = allowed.columns.iter().find(|column| column.field() == name) {
                match read_cell(column, value) {
                    Ok(value) => draft.columns.push((column, value)),
                    Err(detail) => errors.push(error(&pointer, detail)),
                }
            } else if let Some(nested) = allowed.nested.iter().find(|nested| nested.relationship == name) {
                if let Some(items) = read_nested(value, nested, &pointer, errors) {
                    draft.related.push((nested, pointer, items));
                }
            } else {
                errors.push(error(&pointer, "unknown field"));
            }
        }
        if !known {
            draft.missing(body, errors);
        }
        draft
    }

    /// Columns that a new object must be given, and this one is not.
    fn missing(&self, body: &Map<String, JsonValue>, errors: &mut Vec<FieldError>) {
        for column in &self.allowed.columns {
            let needed = self.allowed.model.required.contains(&column.field());
            if needed && !column.is_made() && !body.contains_key(column.field()) {
                errors.push(error(&format!("{}/{}", self.pointer, column.field()), "missing"));
            }
        }
    }

    /// Looks up the objects that the body refers to; afterwards nothing can be wrong with the body any more.
    async fn ready(
        mut self,
        session: &mut Session,
        object: Option<AnyHandle>,
        mut errors: Vec<FieldError>,
        place: Place,
    ) -> Result<Draft<'a>> {
        self.object = object;
        if errors.is_empty() {
            self.find(session, &mut errors, place).await?;
        }
        if errors.is_empty() { Ok(self) } else { Err(Problem::unprocessable(errors)) }
    }

    /// Boxed, since it calls itself for what is nested.
    fn find<'f>(
        &'f mut self,
        session: &'f mut Session,
        errors: &'f mut Vec<FieldError>,
        place: Place,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'f>> {
        Box::pin(async move {
            for (nested, _, items) in &mut self.related {
                let own = own_items(session, self.allowed, nested, self.object, place).await?;
                for item in items {
                    if let Some(key) = item.key.clone() {
                        let found = session.dynamic_at(place).get(item.allowed.model, key).await?;
                        item.object = found.filter(|found| own.as_ref().is_none_or(|own| own.contains(found)));
                        if item.object.is_none() {
                            let what = item.allowed.model.name();
                            errors.push(error(&item.pointer, format!("there is no such `{what}` here")));
                        }
                    }
                    item.find(session, errors, place).await?;
                }
            }
            Ok(())
        })
    }
}

/// The objects among which a body may choose: those that are this one's, where their own foreign key says whose they are.
async fn own_items(
    session: &mut Session,
    allowed: &Allowed,
    nested: &AllowedNested,
    owner: Option<AnyHandle>,
    place: Place,
) -> Result<Option<Vec<AnyHandle>>> {
    let relationships = session.db().relationships(allowed.model)?;
    let held_there = relationships.iter().any(|found| found.name == nested.relationship && found.held_there);
    match (held_there, owner) {
        (false, _) => Ok(None),
        (true, None) => Ok(Some(Vec::new())),
        (true, Some(owner)) => Ok(Some(session.dynamic_at(place).load(owner, nested.relationship).await?)),
    }
}

fn read_cell(column: AnyColumn, value: &JsonValue) -> Result<Value<'static>, String> {
    if value.is_null() && !column.is_nullable() {
        return Err("expected a value, not null".to_owned());
    }
    let value = cell::from_json(value, column.r#type())?;
    // Not every database stores one, and no text needs it.
    if matches!(&value, Value::Text(text) if text.contains('\0')) {
        return Err("expected text without NUL".to_owned());
    }
    column.check(&value).map_err(|error| error.what().to_owned())?;
    Ok(value)
}

fn read_nested<'a>(
    value: &JsonValue,
    nested: &'a AllowedNested,
    pointer: &str,
    errors: &mut Vec<FieldError>,
) -> Option<Vec<Draft<'a>>> {
    let list = match (nested.many, value) {
        (true, JsonValue::Array(list)) => {
            list.iter().enumerate().map(|(at, item)| (format!("{pointer}/{at}"), item)).collect()
        }
        (true, _) => {
            errors.push(error(pointer, "expected a list"));
            return None;
        }
        (false, JsonValue::Null) if nested.optional => Vec::new(),
        (false, item) => vec![(pointer.to_owned(), item)],
    };
    let mut drafts = Vec::with_capacity(list.len());
    for (pointer, item) in list {
        let JsonValue::Object(item) = item else {
            errors.push(error(&pointer, "expected an object"));
            continue;
        };
        let keys: Vec<&AnyColumn> = nested.fields.columns.iter().filter(|column| column.is_key()).collect();
        let known =
            !keys.is_empty() && keys.iter().all(|column| item.get(column.field()).is_some_and(|key| !key.is_null()));
        let mut draft = Draft::read(item, &nested.fields, &pointer, known, errors);
        if known {
            let (keys, columns) = draft.columns.into_iter().partition(|(column, _)| column.is_key());
            draft.columns = columns;
            draft.key = Some(Vec::into_iter(keys).map(|(_, value)| value).collect());
        }
        drafts.push(draft);
    }
    Some(drafts)
}

/// Makes or changes the object, then what is nested in it. Boxed, since it calls itself.
fn apply<'a>(
    draft: Draft<'a>,
    session: &'a mut Session,
    place: Place,
) -> Pin<Box<dyn Future<Output = Result<AnyHandle>> + Send + 'a>> {
    Box::pin(async move {
        let columns = draft.columns.into_iter().map(|(column, value)| (column.position(), value));
        let object = match draft.object {
            None => session.dynamic_at(place).add(draft.allowed.model, columns.collect())?,
            Some(object) => {
                for (column, value) in columns {
                    session.dynamic().set_cell(object, column, value)?;
                }
                object
            }
        };
        for (nested, _, items) in draft.related {
            let mut ends = Vec::with_capacity(items.len());
            for item in items {
                ends.push(apply(item, session, place).await?);
            }
            session.dynamic_at(place).relate(object, nested.relationship, &ends).await?;
        }
        Ok(object)
    })
}
