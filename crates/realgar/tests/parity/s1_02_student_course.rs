//! An association table whose way back has no field; a pair that is appended twice is one row.

use realgar::{Result, prelude::*};
use serde_json::json;

use crate::{harness::Run, spelled::list};

#[derive(Model)]
struct Student {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    name: String,
    #[relationship(secondary = Enrollment, backref = students)]
    courses: Many<Course>,
}

#[derive(Model)]
struct Course {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: String,
}

#[derive(Table)]
#[table("enrollments")]
struct Enrollment {
    #[column(primary_key, foreign_key = Student::id)]
    student_id: i64,
    #[column(primary_key, foreign_key = Course::id)]
    course_id: i64,
}

fn names(s: &Session, students: &[Handle<Student>]) -> Vec<String> {
    students.iter().map(|&student| s[student].name.clone()).collect()
}

fn titles(s: &Session, courses: &[Handle<Course>]) -> Vec<String> {
    courses.iter().map(|&course| s[course].title.clone()).collect()
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Student, Course]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let math = s.add(new!(Course { title: "Math" }));
    let ann = s.add(new!(Student { name: "Ann", courses: [math] }));
    let ben = s.append(math, Course::students, new!(Student { name: "Ben" }))?;
    let both = [names(&s, &s.loaded(math, Course::students)?), titles(&s, &s.loaded(ben, Student::courses)?)];
    run.check("both ways in memory", json!(both));
    run.step("add one, commit all", s.commit()).await?;
    let mut writes = run.writes();
    writes.sort();
    run.check("writes", writes);
    run.step("read", async {
        let students = s.load(math, Course::students).await?;
        let mut names = names(&s, &students);
        names.sort();
        run.out(format!("students of Math: {}", list(&names)));
        let courses = s.load(ben, Student::courses).await?;
        run.out(format!("courses of Ben: {}", list(&titles(&s, &courses))));
        Ok(())
    })
    .await?;
    let times = run
        .step("duplicate append of the same pair", async {
            s.load(ann, Student::courses).await?; // there, the append loads
            s.append(ann, Student::courses, math)?;
            Ok(s.loaded(ann, Student::courses)?.len())
        })
        .await?;
    run.out(format!("list holds it {times} times before flush"));
    run.step("commit of duplicate append", s.commit()).await?;
    run.check("no insert for duplicate", run.writes());
    run.out(format!("after reload: {}", s.load(ann, Student::courses).await?.len()));
    s.close().await
}
