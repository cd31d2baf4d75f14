//! The guide's other shapes: students and courses, a user's one profile.

use realgar::prelude::*;

use crate::{
    Done,
    python::{list, or_none, truth},
};

#[derive(Model)]
#[model(table = "guide_student")]
pub struct Student {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    name: String,
    #[relationship(secondary = Enrollments, backref = students)]
    courses: Many<Course>,
}

#[derive(Model)]
#[model(table = "guide_course")]
pub struct Course {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: String,
}

#[derive(Table)]
#[table("guide_enrollments")]
pub struct Enrollments {
    #[column(primary_key, foreign_key = Student::id)]
    student_id: i64,
    #[column(primary_key, foreign_key = Course::id)]
    course_id: i64,
}

#[derive(Model)]
#[model(table = "guide_user")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[relationship(backref = user)]
    profile: One<Option<Profile>>,
}

#[derive(Model)]
#[model(table = "guide_profile")]
pub struct Profile {
    #[column(primary_key)]
    id: i64,
    #[column(length = 255)]
    bio: String,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
}

pub async fn many_to_many(db: &Db) -> Done {
    println!("\n1.2 Many-to-many: students and courses");
    let mut s = db.session();
    let math = s.add(new!(Course { title: "Math" }));
    s.add(new!(Student { name: "Ann", courses: [math] }));
    s.append(math, Course::students, new!(Student { name: "Ben" }))?;
    s.commit().await?;

    let mut s = db.session();
    let math = Course::select().one(&mut s).await?;
    let students = s.load(math, Course::students).await?;
    println!("students of {}: {}", s[math].title, list(students.iter().map(|&student| &s[student].name)));
    let ben = Student::select().filter_by(Student::name, "Ben").one(&mut s).await?;
    let courses = s.load(ben, Student::courses).await?;
    println!("courses of {}: {}", s[ben].name, list(courses.iter().map(|&course| &s[course].title)));

    // Enrolled twice is enrolled once.
    let ann = Student::select().filter_by(Student::name, "Ann").one(&mut s).await?;
    s.load(ann, Student::courses).await?;
    s.append(ann, Student::courses, math)?;
    println!("list holds it {} times before flush", s.loaded(ann, Student::courses)?.len());
    s.commit().await?;
    println!("after reload: {}", s.load(ann, Student::courses).await?.len());
    Ok(())
}

pub async fn one_to_one(db: &Db) -> Done {
    println!("\n1.3 One-to-one: a user's profile");
    let mut s = db.session();
    let user = s.add(new!(User {}));
    let nobody = s.view(user).one(User::profile)?;
    println!("profile of a new user: {}", or_none(nobody.map(|profile| profile.bio.clone())));

    s.set(user, User::profile, new!(Profile { bio: "hello" }))?;
    s.commit().await?;
    if let Some(old) = s.load(user, User::profile).await? {
        let back = s.load(old, Profile::user).await?;
        println!("bio: {} | same object back: {}", s[old].bio, truth(back == Some(user)));

        // One user has one profile: the new one takes the place, the old one belongs to nobody.
        s.set(user, User::profile, new!(Profile { bio: "second" }))?;
        s.commit().await?;
        if let Some(new) = s.load(user, User::profile).await? {
            let old = select(Profile::user_id).filter(Profile::bio.eq("hello")).one(&mut s).await?;
            println!("bio: {} | old row FK: {}", s[new].bio, or_none(old));
        }
    }
    Ok(())
}
