//! From kinds and relationships as data to models and relationships as types.

use realgar::{Item, Load, Relationship, prelude::*};

use crate::{
    program::Strategy,
    schemas::{Rel, Var, blog::*, library::*, school::*, tree::*},
};

/// A handle of any model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Any {
    Author(Handle<Author>),
    Book(Handle<Book>),
    Page(Handle<Page>),
    Post(Handle<Post>),
    Label(Handle<Label>),
    Node(Handle<Node>),
    Student(Handle<Student>),
    Course(Handle<Course>),
    Enrolment(Handle<Enrolment>),
}

/// A primary key; one of a single column is followed by 0.
pub type Id = (i64, i64);

/// What an item of a relationship is: an object with a handle, or a new one.
pub type Given = (Var, Option<Any>);

/// What the programs need of a model.
pub trait Mapped: Model<Key: Identifier> {
    /// A new object.
    fn make(var: Var, value: i64) -> Self;
    fn any(handle: Handle<Self>) -> Any;
    fn of(any: Any) -> Handle<Self>;
    fn tag(&self) -> &str;
    fn value(&mut self) -> &mut i64;
    fn reads(&self) -> i64;
    /// What its foreign keys hold; none for one that was never set.
    fn keys(&self) -> Vec<Option<i64>>;
    fn set_key(&mut self, position: usize, key: Option<i64>);
    fn set_id(&mut self, id: Id);
    /// Writes a relationship field.
    fn carry(&mut self, rel: Rel, items: Vec<Given>);
    /// Adds what is to be loaded further on.
    fn further<M: Model>(load: Load<M, Self>, rel: Rel, strategy: Strategy) -> Load<M, Self>;
    /// Adds what a query is to load, and what further on.
    fn along(query: Select<Handle<Self>>, options: &[(Rel, Strategy)]) -> Select<Handle<Self>>;
}

/// A primary key of one or two columns.
pub trait Identifier {
    fn to_id(self) -> Id;
    fn from_id(id: Id) -> Self;
}

impl Identifier for i64 {
    fn to_id(self) -> Id {
        (self, 0)
    }

    fn from_id(id: Id) -> Self {
        id.0
    }
}

impl Identifier for (i64, i64) {
    fn to_id(self) -> Id {
        self
    }

    fn from_id(id: Id) -> Self {
        id
    }
}

trait ForeignKey {
    fn read(&self) -> Option<i64>;
    fn write(&mut self, key: Option<i64>);
}

impl ForeignKey for i64 {
    fn read(&self) -> Option<i64> {
        (*self != 0).then_some(*self)
    }

    fn write(&mut self, key: Option<i64>) {
        *self = key.unwrap_or(0);
    }
}

impl ForeignKey for Option<i64> {
    fn read(&self) -> Option<i64> {
        *self
    }

    fn write(&mut self, key: Option<i64>) {
        *self = key;
    }
}

/// A relationship field, of either kind.
trait Carry {
    fn carry(items: Vec<Given>) -> Self;
}

fn item<T: Mapped>((var, known): Given) -> Item<T> {
    known.map_or_else(|| Item::Object(T::make(var, 0)), |any| Item::Handle(T::of(any)))
}

/// A relationship field with these in it.
#[allow(private_bounds)]
pub fn field<F: Carry>(items: Vec<Given>) -> F {
    F::carry(items)
}

impl<T: Mapped> Carry for Many<T> {
    fn carry(items: Vec<Given>) -> Self {
        Many::new(items.into_iter().map(item).collect())
    }
}

impl<T: Mapped> Carry for One<T> {
    fn carry(items: Vec<Given>) -> Self {
        items.into_iter().next().map(item).into()
    }
}

impl<T: Mapped> Carry for One<Option<T>> {
    fn carry(items: Vec<Given>) -> Self {
        items.into_iter().next().map(item).into()
    }
}

pub fn option<M: Model, C: realgar::Cardinality>(
    relationship: Relationship<M, C>,
    strategy: Strategy,
) -> Load<M, C::Target> {
    match strategy {
        Strategy::Select => relationship.select(),
        Strategy::Peers => relationship.peers(),
        Strategy::Joined => relationship.joined(),
        Strategy::Selectin => relationship.selectin(),
        Strategy::Subquery => relationship.subquery(),
        Strategy::Immediate => relationship.immediate(),
    }
}

macro_rules! mapped {
    ($Model:ident, id [$($id:ident)+], keys [$($key:ident)*], fields [$($rel:ident $field:ident),*]) => {
        impl Mapped for $Model {
            fn make(var: Var, value: i64) -> Self {
                new!($Model { tag: var.to_string(), value })
            }

            fn any(handle: Handle<Self>) -> Any {
                Any::$Model(handle)
            }

            fn of(any: Any) -> Handle<Self> {
                match any {
                    Any::$Model(handle) => handle,
                    other => panic!("{other:?} is of another model"),
                }
            }

            fn tag(&self) -> &str {
                &self.tag
            }

            fn value(&mut self) -> &mut i64 {
                &mut self.value
            }

            fn reads(&self) -> i64 {
                self.value
            }

            fn keys(&self) -> Vec<Option<i64>> {
                vec![$(self.$key.read()),*]
            }

            #[allow(unused_variables)]
            fn set_key(&mut self, position: usize, key: Option<i64>) {
                let mut keys: Vec<&mut dyn ForeignKey> = vec![$(&mut self.$key),*];
                keys[position].write(key);
            }

            fn set_id(&mut self, id: Id) {
                let mut parts = [id.0, id.1].into_iter();
                $(self.$id = parts.next().expect("there are two");)+
            }

            fn carry(&mut self, rel: Rel, items: Vec<Given>) {
                match rel {
                    $(Rel::$rel => self.$field = Carry::carry(items),)*
                    other => panic!("{other:?} belongs to another model"),
                }
            }

            fn along(query: Select<Handle<Self>>, options: &[(Rel, Strategy)]) -> Select<Handle<Self>> {
                match *options {
                    $([(Rel::$rel, strategy)] => query.options(option($Model::$field, strategy)),)*
                    $([(Rel::$rel, strategy), (rel, further)] => {
                        query.options(Mapped::further(option($Model::$field, strategy), rel, further))
                    })*
                    _ => query,
                }
            }

            fn further<M: Model>(load: Load<M, Self>, rel: Rel, strategy: Strategy) -> Load<M, Self> {
                match rel {
                    $(Rel::$rel => load.then(option($Model::$field, strategy)),)*
                    other => panic!("{other:?} belongs to another model"),
                }
            }
        }
    };
}

mapped!(Author, id [id], keys [], fields [AuthorBooks books]);
mapped!(Book, id [id], keys [author_id], fields [BookAuthor author, BookPages pages]);
mapped!(Page, id [id], keys [book_id], fields [PageBook book]);
mapped!(Post, id [id], keys [], fields [PostLabels labels]);
mapped!(Label, id [id], keys [], fields [LabelPosts posts]);
mapped!(Node, id [id], keys [parent_id], fields [NodeParent parent, NodeChildren children]);
mapped!(Student, id [id], keys [], fields [StudentEnrolments enrolments]);
mapped!(Course, id [id], keys [], fields [CourseEnrolments enrolments]);
mapped!(Enrolment, id [student_id course_id], keys [student_id course_id], fields [EnrolmentStudent student, EnrolmentCourse course]);

/// `kind!(kind, M => …)`: the model of a kind.
macro_rules! kind {
    ($kind:expr, $M:ident => $body:expr) => {
        match $kind {
            Kind::Author => {
                type $M = Author;
                $body
            }
            Kind::Book => {
                type $M = Book;
                $body
            }
            Kind::Page => {
                type $M = Page;
                $body
            }
            Kind::Post => {
                type $M = Post;
                $body
            }
            Kind::Label => {
                type $M = Label;
                $body
            }
            Kind::Node => {
                type $M = Node;
                $body
            }
            Kind::Student => {
                type $M = Student;
                $body
            }
            Kind::Course => {
                type $M = Course;
                $body
            }
            Kind::Enrolment => {
                type $M = Enrolment;
                $body
            }
        }
    };
}
pub(crate) use kind;

/// `many!(rel, M, r => …)`: the collection of a model.
macro_rules! many {
    ($rel:expr, $M:ident, $T:ident, $r:ident => $body:expr) => {
        match $rel {
            Rel::AuthorBooks => {
                type $M = Author;
                type $T = Book;
                let $r = Author::books;
                $body
            }
            Rel::BookPages => {
                type $M = Book;
                type $T = Page;
                let $r = Book::pages;
                $body
            }
            Rel::PostLabels => {
                type $M = Post;
                type $T = Label;
                let $r = Post::labels;
                $body
            }
            Rel::LabelPosts => {
                type $M = Label;
                type $T = Post;
                let $r = Label::posts;
                $body
            }
            Rel::NodeChildren => {
                type $M = Node;
                type $T = Node;
                let $r = Node::children;
                $body
            }
            Rel::StudentEnrolments => {
                type $M = Student;
                type $T = Enrolment;
                let $r = Student::enrolments;
                $body
            }
            Rel::CourseEnrolments => {
                type $M = Course;
                type $T = Enrolment;
                let $r = Course::enrolments;
                $body
            }
            other => panic!("{other:?} is no collection"),
        }
    };
}
pub(crate) use many;

/// `one!(rel, M, T, C, r => …)`: the relationship to one of a model, `C` being the type of its field.
macro_rules! one {
    ($rel:expr, $M:ident, $T:ident, $C:ident, $r:ident => $body:expr) => {
        match $rel {
            Rel::BookAuthor => {
                type $M = Book;
                type $T = Author;
                type $C = One<Option<Author>>;
                let $r = Book::author;
                $body
            }
            Rel::PageBook => {
                type $M = Page;
                type $T = Book;
                type $C = One<Book>;
                let $r = Page::book;
                $body
            }
            Rel::NodeParent => {
                type $M = Node;
                type $T = Node;
                type $C = One<Option<Node>>;
                let $r = Node::parent;
                $body
            }
            Rel::EnrolmentStudent => {
                type $M = Enrolment;
                type $T = Student;
                type $C = One<Student>;
                let $r = Enrolment::student;
                $body
            }
            Rel::EnrolmentCourse => {
                type $M = Enrolment;
                type $T = Course;
                type $C = One<Course>;
                let $r = Enrolment::course;
                $body
            }
            other => panic!("{other:?} is a collection"),
        }
    };
}
pub(crate) use one;

/// What a relationship answered, as a list.
pub trait Ends<T> {
    fn ends(self) -> Vec<Handle<T>>;
}

impl<T> Ends<T> for Vec<Handle<T>> {
    fn ends(self) -> Vec<Handle<T>> {
        self
    }
}

impl<T> Ends<T> for Option<Handle<T>> {
    fn ends(self) -> Vec<Handle<T>> {
        self.into_iter().collect()
    }
}

impl<T> Ends<T> for Handle<T> {
    fn ends(self) -> Vec<Handle<T>> {
        vec![self]
    }
}
