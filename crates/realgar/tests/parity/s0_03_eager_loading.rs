//! Lazy N+1 versus selectin versus joined (Ada, Bob, then 100 users); and the default, which knows no N+1.

use crate::{
    harness,
    recording::Recording,
    spelled::{Spelled, list},
};

/// The step that shows N+1.
const LAZY: &str = "100 users lazy (N+1)";

/// The scenario, once more for models that differ in how they load when a query says nothing.
macro_rules! scenario {
    ($module:ident $(, lazy = $lazy:literal)?) => {
        mod $module {
            use realgar::{Result, prelude::*};

            use crate::harness::Run;

            #[derive(Model)]
            #[model(table = "users")]
            pub(super) struct User {
                #[column(primary_key)]
                id: i64,
                pub(super) name: Option<String>,
                #[relationship(back_populates = author $(, lazy = $lazy)?)]
                posts: Many<Post>,
            }

            #[derive(Model)]
            #[model(table = "posts")]
            pub(super) struct Post {
                #[column(primary_key)]
                id: i64,
                pub(super) title: Option<String>,
                #[column(foreign_key = User::id)]
                user_id: Option<i64>,
                #[relationship(back_populates = posts $(, lazy = $lazy)?)]
                author: One<Option<User>>,
            }

            /// `Ada -> ['Ada-1', 'Ada-2']`, a line for each user; the posts must have been loaded.
            fn spelled(s: &Session, users: &[Handle<User>]) -> Result<Vec<String>> {
                let line = |&user: &Handle<User>| {
                    let titles = s.view(user).many(User::posts)?.map(|post| post.title.clone()).collect();
                    Ok(super::line(&s[user].name, titles))
                };
                users.iter().map(line).collect()
            }

            pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
                let db = run.connect(models![User, Post]).await?;
                db.create_all().await?;
                let mut s = db.session();
                for name in ["Ada", "Bob"] {
                    let posts = [1, 2].map(|number| new!(Post { title: format!("{name}-{number}") }));
                    s.add(new!(User { name, posts }));
                }
                run.step("commit", s.commit()).await?;
                s.close().await?;

                let by_id = || User::select().order_by(User::id);
                let selectin = by_id().options(User::posts.selectin());
                let users = run.step("selectinload: query", selectin.all(&mut s)).await?;
                let lines = run.step("selectinload: read", async { spelled(&s, &users) }).await?;
                lines.into_iter().for_each(|line| run.out(line));
                s.close().await?;

                let joined = by_id().options(User::posts.joined());
                let users = run.step("joinedload: query", joined.all(&mut s)).await?;
                let lines = run.step("joinedload: read", async { spelled(&s, &users) }).await?;
                run.check("joined", lines);
                let post = s.loaded(users[0], User::posts)?[0];
                let author = run.step("joinedload: child.author", s.load(post, Post::author)).await?;
                run.check("author", author == Some(users[0]));
                s.close().await?;

                let users = run.step("lazy: query", by_id().all(&mut s)).await?;
                let lines = run.step("lazy: read", async {
                    for &user in &users {
                        s.load(user, User::posts).await?;
                    }
                    spelled(&s, &users)
                });
                let lines = lines.await?;
                run.check("lazy", lines);
                s.close().await?;

                for number in 0..98 {
                    let post = new!(Post { title: format!("u{number}-a") });
                    s.add(new!(User { name: format!("u{number}"), posts: [post] }));
                }
                s.commit().await?;
                s.close().await?;

                // Two posts each for Ada and Bob, one for everybody else.
                let lazy = run.step(super::LAZY, async {
                    let mut posts = 0;
                    for user in User::select().all(&mut s).await? {
                        posts += s.load(user, User::posts).await?.len();
                    }
                    Ok(posts)
                });
                assert_eq!(lazy.await?, 102);
                s.close().await?;

                let selectin = run.step("100 users selectinload", async {
                    let users = User::select().options(User::posts.selectin()).all(&mut s).await?;
                    let posts = users.iter().map(|&user| Ok(s.loaded(user, User::posts)?.len()));
                    posts.sum::<Result<usize>>()
                });
                assert_eq!(selectin.await?, 102);
                s.close().await
            }
        }
    };
}

scenario!(as_asked, lazy = "select");
scenario!(by_default);

pub(crate) use as_asked::run;

fn line(name: &Option<String>, titles: Vec<Option<String>>) -> String {
    format!("{} -> {}", name.alone(), list(&titles))
}

/// Without this the next test would show nothing: whoever asks for `select` gets one statement for each user.
#[tokio::test]
async fn n_plus_one_is_there_when_asked_for() {
    let report = harness::run(&Recording::of("s0_03_eager_loading"), as_asked::run).await;
    assert_eq!((report.sent("lazy: read"), report.sent(LAZY)), (2, 101));
}

/// The users, the first user's posts, everybody else's posts: the loop over 100 users takes three statements.
#[tokio::test]
async fn n_plus_one_is_gone_by_default() {
    let report = harness::run(&Recording::of("s0_03_eager_loading"), by_default::run).await;
    report.assert_same();
    assert_eq!((report.sent("lazy: read"), report.sent(LAZY)), (2, 3));
}
