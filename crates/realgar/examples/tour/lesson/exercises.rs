//! The lesson's exercises: an author's books, and students in courses.

use realgar::prelude::*;

use crate::{Done, python::list};

#[derive(Model)]
#[model(table = "authors")]
pub struct Author {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(back_populates = author)]
    books: Many<Book>,
}

#[derive(Model)]
#[model(table = "books")]
pub struct Book {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = Author::id)]
    author_id: i64,
    #[relationship(back_populates = books)]
    author: One<Author>,
}

#[derive(Model)]
#[model(table = "students")]
pub struct Student {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(secondary = Enrollment, back_populates = students)]
    courses: Many<Course>,
}

#[derive(Model)]
#[model(table = "courses")]
pub struct Course {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[relationship(secondary = Enrollment, back_populates = courses)]
    students: Many<Student>,
}

#[derive(Table)]
#[table("enrollments")]
pub struct Enrollment {
    #[column(primary_key, foreign_key = Student::id)]
    student_id: i64,
    #[column(primary_key, foreign_key = Course::id)]
    course_id: i64,
}

pub async fn author_and_books(db: &Db) -> Done {
    println!("\n0.5 Exercise: an author's books");
    let mut s = db.session();
    let author = s.add(new!(Author { name: "Le Guin" }));
    for title in ["The Dispossessed", "The Lathe of Heaven"] {
        s.add(new!(Book { title, author }));
    }
    s.commit().await?;

    let mut s = db.session();
    let author = Author::select().options(Author::books.joined()).one(&mut s).await?;
    let books = s.load(author, Author::books).await?;
    println!("Books: {}", list(books.iter().map(|&book| &s[book].title)));
    if let Some(&last) = books.last() {
        println!("FK value: {} == {}", s[last].author_id, s[author].id);
    }
    Ok(())
}

pub async fn students_and_courses(db: &Db) -> Done {
    println!("\n0.9 Exercise: students and courses");
    let mut s = db.session();
    let math = s.add(new!(Course { title: "Math" }));
    let art = s.add(new!(Course { title: "Art" }));
    let ann = s.add(new!(Student { name: "Ann", courses: [math, art] }));
    s.add(new!(Student { name: "Ben", courses: [math] }));
    s.commit().await?;
    let math = Course::select().filter_by(Course::title, "Math").one(&mut s).await?;
    let students = s.load(math, Course::students).await?;
    println!("{}: {}", s[math].title, list(students.iter().map(|&student| &s[student].name)));

    // A student who leaves takes the rows of `enrollments` along; the courses stay.
    s.delete(ann)?;
    s.commit().await?;
    for course in Course::select().order_by(Course::id).all(&mut s).await? {
        let students = s.load(course, Course::students).await?;
        println!("{} now: {}", s[course].title, list(students.iter().map(|&student| &s[student].name)));
    }
    Ok(())
}
