//! The four schemas, as models for Realgar and as plain data for the oracle.
//!
//! Each row has a `tag` that never changes and tells who it is, whatever key the database made, and a `value` that is
//! written to. What follows from a relationship (cascades, NOT NULL) is said once here as a mapping and once as a [`Shape`].

use std::fmt;

use realgar::prelude::*;

/// One-to-many with delete-orphan, two levels deep.
pub mod library {
    use super::*;

    #[derive(Model)]
    #[model(table = "authors")]
    pub struct Author {
        #[column(primary_key)]
        pub id: i64,
        #[column(unique)]
        pub tag: String,
        pub value: i64,
        #[relationship(back_populates = author, cascade = "all, delete-orphan")]
        pub books: Many<Book>,
    }

    #[derive(Model)]
    #[model(table = "books")]
    pub struct Book {
        #[column(primary_key)]
        pub id: i64,
        #[column(unique)]
        pub tag: String,
        pub value: i64,
        #[column(foreign_key = Author::id)]
        pub author_id: Option<i64>,
        #[relationship(back_populates = books)]
        pub author: One<Option<Author>>,
        #[relationship(back_populates = book, cascade = "all, delete-orphan")]
        pub pages: Many<Page>,
    }

    #[derive(Model)]
    #[model(table = "pages")]
    pub struct Page {
        #[column(primary_key)]
        pub id: i64,
        #[column(unique)]
        pub tag: String,
        pub value: i64,
        #[column(foreign_key = Book::id)]
        pub book_id: i64,
        #[relationship(back_populates = pages)]
        pub book: One<Book>,
    }
}

/// Many-to-many, seen from both sides.
pub mod blog {
    use super::*;

    #[derive(Model)]
    #[model(table = "posts")]
    pub struct Post {
        #[column(primary_key)]
        pub id: i64,
        #[column(unique)]
        pub tag: String,
        pub value: i64,
        #[relationship(secondary = PostLabels, back_populates = posts)]
        pub labels: Many<Label>,
    }

    #[derive(Model)]
    #[model(table = "labels")]
    pub struct Label {
        #[column(primary_key)]
        pub id: i64,
        #[column(unique)]
        pub tag: String,
        pub value: i64,
        #[relationship(secondary = PostLabels, back_populates = labels)]
        pub posts: Many<Post>,
    }

    #[derive(Table)]
    #[table("post_labels")]
    pub struct PostLabels {
        #[column(primary_key, foreign_key = Post::id)]
        pub post_id: i64,
        #[column(primary_key, foreign_key = Label::id)]
        pub label_id: i64,
    }
}

/// A tree in one table; a node that goes leaves its children behind.
pub mod tree {
    use super::*;

    #[derive(Model)]
    #[model(table = "nodes")]
    pub struct Node {
        #[column(primary_key)]
        pub id: i64,
        #[column(unique)]
        pub tag: String,
        pub value: i64,
        #[column(foreign_key = Node::id)]
        pub parent_id: Option<i64>,
        #[relationship(back_populates = children, remote_side = id)]
        pub parent: One<Option<Node>>,
        #[relationship(back_populates = parent)]
        pub children: Many<Node>,
    }
}

/// An association object: its key is the keys of both its ends; it belongs to the student.
pub mod school {
    use super::*;

    #[derive(Model)]
    #[model(table = "students")]
    pub struct Student {
        #[column(primary_key)]
        pub id: i64,
        #[column(unique)]
        pub tag: String,
        pub value: i64,
        #[relationship(back_populates = student, cascade = "all, delete-orphan")]
        pub enrolments: Many<Enrolment>,
    }

    #[derive(Model)]
    #[model(table = "courses")]
    pub struct Course {
        #[column(primary_key)]
        pub id: i64,
        #[column(unique)]
        pub tag: String,
        pub value: i64,
        #[relationship(back_populates = course)]
        pub enrolments: Many<Enrolment>,
    }

    #[derive(Model)]
    #[model(table = "enrolments")]
    pub struct Enrolment {
        #[column(primary_key, foreign_key = Student::id)]
        pub student_id: i64,
        #[column(primary_key, foreign_key = Course::id)]
        pub course_id: i64,
        #[column(unique)]
        pub tag: String,
        pub value: i64,
        #[relationship(back_populates = enrolments)]
        pub student: One<Student>,
        #[relationship(back_populates = enrolments)]
        pub course: One<Course>,
    }
}

/// The schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Schema {
    Library,
    Blog,
    Tree,
    School,
}

impl Schema {
    pub const ALL: [Schema; 4] = [Schema::Library, Schema::Blog, Schema::Tree, Schema::School];

    /// Its models, parents first.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Schema::Library => &[Kind::Author, Kind::Book, Kind::Page],
            Schema::Blog => &[Kind::Post, Kind::Label],
            Schema::Tree => &[Kind::Node],
            Schema::School => &[Kind::Student, Kind::Course, Kind::Enrolment],
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Schema::Library => "library",
            Schema::Blog => "blog",
            Schema::Tree => "tree",
            Schema::School => "school",
        }
    }
}

/// The models of all schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Author,
    Book,
    Page,
    Post,
    Label,
    Node,
    Student,
    Course,
    Enrolment,
}

/// A model as data.
pub struct Mould {
    pub name: &'static str,
    pub table: &'static str,
    /// Columns of its foreign keys, in the order of [`Kind::ones`].
    pub keys: &'static [&'static str],
}

impl Kind {
    pub const ALL: [Kind; 9] = [
        Kind::Author,
        Kind::Book,
        Kind::Page,
        Kind::Post,
        Kind::Label,
        Kind::Node,
        Kind::Student,
        Kind::Course,
        Kind::Enrolment,
    ];

    pub fn mould(self) -> Mould {
        let (name, table, keys): (_, _, &[_]) = match self {
            Kind::Author => ("author", "authors", &[]),
            Kind::Book => ("book", "books", &["author_id"]),
            Kind::Page => ("page", "pages", &["book_id"]),
            Kind::Post => ("post", "posts", &[]),
            Kind::Label => ("label", "labels", &[]),
            Kind::Node => ("node", "nodes", &["parent_id"]),
            Kind::Student => ("student", "students", &[]),
            Kind::Course => ("course", "courses", &[]),
            Kind::Enrolment => ("enrolment", "enrolments", &["student_id", "course_id"]),
        };
        Mould { name, table, keys }
    }

    /// Its relationships.
    pub fn rels(self) -> Vec<Rel> {
        Rel::ALL.into_iter().filter(|rel| rel.shape().owner == self).collect()
    }

    /// Its relationships to one, in the order of its foreign keys.
    pub fn ones(self) -> Vec<Rel> {
        Rel::ALL.into_iter().filter(|rel| rel.shape().owner == self && !rel.shape().many).collect()
    }
}

/// The relationships of all schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rel {
    AuthorBooks,
    BookAuthor,
    BookPages,
    PageBook,
    PostLabels,
    LabelPosts,
    NodeChildren,
    NodeParent,
    StudentEnrolments,
    EnrolmentStudent,
    CourseEnrolments,
    EnrolmentCourse,
}

/// What the oracle knows of a relationship.
pub struct Shape {
    pub name: &'static str,
    pub owner: Kind,
    pub target: Kind,
    pub many: bool,
    pub inverse: Rel,
    /// Deleting the owner deletes those in it.
    pub delete: bool,
    /// Leaving it deletes.
    pub orphan: bool,
    /// The foreign key takes no NULL.
    pub required: bool,
    /// The foreign key is part of the primary key.
    pub in_key: bool,
}

impl Rel {
    pub const ALL: [Rel; 12] = [
        Rel::AuthorBooks,
        Rel::BookAuthor,
        Rel::BookPages,
        Rel::PageBook,
        Rel::PostLabels,
        Rel::LabelPosts,
        Rel::NodeChildren,
        Rel::NodeParent,
        Rel::StudentEnrolments,
        Rel::EnrolmentStudent,
        Rel::CourseEnrolments,
        Rel::EnrolmentCourse,
    ];

    pub fn shape(self) -> Shape {
        let shape = |name, owner, target, many, inverse| {
            let (delete, orphan, required, in_key) = (false, false, false, false);
            Shape { name, owner, target, many, inverse, delete, orphan, required, in_key }
        };
        let owned = |shape: Shape| Shape { delete: true, orphan: true, ..shape };
        match self {
            Rel::AuthorBooks => owned(shape("books", Kind::Author, Kind::Book, true, Rel::BookAuthor)),
            Rel::BookAuthor => shape("author", Kind::Book, Kind::Author, false, Rel::AuthorBooks),
            Rel::BookPages => owned(shape("pages", Kind::Book, Kind::Page, true, Rel::PageBook)),
            Rel::PageBook => Shape { required: true, ..shape("book", Kind::Page, Kind::Book, false, Rel::BookPages) },
            Rel::PostLabels => shape("labels", Kind::Post, Kind::Label, true, Rel::LabelPosts),
            Rel::LabelPosts => shape("posts", Kind::Label, Kind::Post, true, Rel::PostLabels),
            Rel::NodeChildren => shape("children", Kind::Node, Kind::Node, true, Rel::NodeParent),
            Rel::NodeParent => shape("parent", Kind::Node, Kind::Node, false, Rel::NodeChildren),
            Rel::StudentEnrolments => {
                owned(shape("enrolments", Kind::Student, Kind::Enrolment, true, Rel::EnrolmentStudent))
            }
            Rel::EnrolmentStudent => Shape {
                required: true,
                in_key: true,
                ..shape("student", Kind::Enrolment, Kind::Student, false, Rel::StudentEnrolments)
            },
            Rel::CourseEnrolments => shape("enrolments", Kind::Course, Kind::Enrolment, true, Rel::EnrolmentCourse),
            Rel::EnrolmentCourse => Shape {
                required: true,
                in_key: true,
                ..shape("course", Kind::Enrolment, Kind::Course, false, Rel::CourseEnrolments)
            },
        }
    }

    /// Whether an association table holds it.
    pub fn is_many_to_many(self) -> bool {
        matches!(self, Rel::PostLabels | Rel::LabelPosts)
    }

    /// The position of its foreign key among those of its owner.
    pub fn position(self) -> usize {
        usize::from(self == Rel::EnrolmentCourse)
    }
}

/// An object of a program, and the row that it has or had: `book2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var {
    pub kind: Kind,
    pub number: u8,
}

impl fmt::Display for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.mould().name, self.number)
    }
}

impl Var {
    /// What `Display` wrote.
    pub fn parse(text: &str) -> Option<Var> {
        let digits = text.find(|letter: char| letter.is_ascii_digit())?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.mould().name == &text[..digits])?;
        Some(Var { kind, number: text[digits..].parse().ok()? })
    }
}
