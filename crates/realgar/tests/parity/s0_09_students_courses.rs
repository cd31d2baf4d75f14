//! Exercise: students and courses, many-to-many; a student who goes takes the association rows along.

use realgar::{Result, prelude::*};

use crate::{harness::Run, spelled::list};

#[derive(Model)]
#[model(table = "students")]
struct Student {
    #[column(primary_key)]
    id: i64,
    name: Option<String>,
    #[relationship(secondary = Enrollment, back_populates = students)]
    courses: Many<Course>,
}

#[derive(Model)]
#[model(table = "courses")]
struct Course {
    #[column(primary_key)]
    id: i64,
    title: Option<String>,
    #[relationship(secondary = Enrollment, back_populates = courses)]
    students: Many<Student>,
}

#[derive(Table)]
#[table("enrollments")]
struct Enrollment {
    #[column(primary_key, foreign_key = Student::id)]
    student_id: i64,
    #[column(primary_key, foreign_key = Course::id)]
    course_id: i64,
}

async fn names(s: &mut Session, course: Handle<Course>) -> Result<String> {
    let students = s.load(course, Course::students).await?;
    Ok(list(&students.iter().map(|&student| s[student].name.clone()).collect::<Vec<_>>()))
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Student, Course]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let [math, art] = ["Math", "Art"].map(|title| s.add(new!(Course { title })));
    s.add_all([new!(Student { name: "Ann", courses: [math, art] }), new!(Student { name: "Ben", courses: [math] })]);
    run.step("commit", s.commit()).await?;
    let mut kinds = run.writes();
    kinds.sort();
    run.check("kinds", kinds);
    run.out(format!("Math: {}", names(&mut s, math).await?));

    run.step("delete a student: its association rows go, the courses stay", async {
        let ann = Student::select().filter_by(Student::name, "Ann").one(&mut s).await?;
        s.delete(ann)?;
        s.commit().await
    })
    .await?;
    run.check("kinds", run.writes());
    run.out(format!("Math now: {}", names(&mut s, math).await?));
    run.out(format!("Art now: {}", names(&mut s, art).await?));
    s.close().await
}
