//! The guide's other shapes: students and courses, a user's one profile, parents and children.

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
    name: String,
    #[relationship(secondary = Enrollments, back_populates = students)]
    courses: Many<Course>,
}

#[derive(Model)]
#[model(table = "guide_course")]
pub struct Course {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[relationship(secondary = Enrollments, back_populates = courses)]
    students: Many<Student>,
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
    #[relationship(back_populates = user)]
    profile: One<Option<Profile>>,
}

#[derive(Model)]
#[model(table = "guide_profile")]
pub struct Profile {
    #[column(primary_key)]
    id: i64,
    bio: String,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(back_populates = profile)]
    user: One<Option<User>>,
}

#[derive(Model)]
#[model(table = "guide_parent")]
pub struct Parent {
    #[column(primary_key)]
    id: i64,
    #[relationship(back_populates = parent)]
    children: Many<Child>,
}

#[derive(Model)]
#[model(table = "guide_child")]
pub struct Child {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Parent::id)]
    parent_id: Option<i64>,
    #[relationship(back_populates = children)]
    parent: One<Option<Parent>>,
}

pub async fn run(db: &Db) -> Done {
    many_to_many(db).await?;
    one_to_one(db).await?;
    one_to_many(db).await
}

async fn many_to_many(db: &Db) -> Done {
    let mut s = db.session();
    let math = s.add(new!(Course { title: "Math", students: [new!(Student { name: "Ann" })] }));
    s.append(math, Course::students, new!(Student { name: "Ben" }))?;
    s.commit().await?;

    let mut s = db.session();
    let math = Course::select().one(&mut s).await?;
    let students = s.load(math, Course::students).await?;
    println!("students of {}: {}", s[math].title, list(students.iter().map(|&student| &s[student].name)));
    let ben = Student::select().filter_by(Student::name, "Ben").one(&mut s).await?;
    let courses = s.load(ben, Student::courses).await?;
    println!("courses of {}: {}", s[ben].name, list(courses.iter().map(|&course| &s[course].title)));
    Ok(())
}

async fn one_to_one(db: &Db) -> Done {
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

async fn one_to_many(db: &Db) -> Done {
    let mut s = db.session();
    let parent = s.add(new!(Parent {}));
    let child = s.append(parent, Parent::children, new!(Child {}))?;
    s.commit().await?;

    s.delete(parent)?;
    s.commit().await?;
    let parent = s.load(child, Child::parent).await?;
    let parent = parent.map(|parent| s[parent].id);
    println!("child.parent: {} child.parent_id: {}", or_none(parent), or_none(s[child].parent_id));
    Ok(())
}
