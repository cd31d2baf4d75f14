//! What a deletion, a removal and a move take along, and in which order the rows come and go.

use realgar::prelude::*;

use crate::models::{open, texts};

mod association {
    use super::*;

    #[derive(Model)]
    #[model(table = "users")]
    struct User {
        #[column(primary_key)]
        id: i64,
        #[relationship(back_populates = user)]
        groups: Many<Membership>,
    }

    #[derive(Model)]
    #[model(table = "groups")]
    struct Group {
        #[column(primary_key)]
        id: i64,
        #[relationship(back_populates = group, cascade = "all, delete-orphan")]
        members: Many<Membership>,
    }

    #[derive(Model)]
    #[model(table = "memberships")]
    struct Membership {
        #[column(primary_key, foreign_key = User::id)]
        user_id: i64,
        #[column(primary_key, foreign_key = Group::id)]
        group_id: i64,
        role: String,
        #[relationship(back_populates = groups)]
        user: One<User>,
        #[relationship(back_populates = members)]
        group: One<Group>,
    }

    #[tokio::test]
    async fn a_key_is_not_blanked_out() -> realgar::Result<()> {
        let db = open(models![User]).await;
        let mut s = db.session();
        let (user, group) = (s.add(new!(User {})), s.add(new!(Group {})));
        let member = s.add(new!(Membership { role: "admin", user: user, group: group }));
        s.commit().await?;
        s.delete(user)?;
        let error = s.commit().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Flush);
        let text = error.to_string();
        assert!(text.contains("tried to blank out the primary-key column `Membership::user_id`"), "{text}");
        assert!(text.contains("all, delete-orphan"), "{text}");
        s.rollback().await?;
        s.load(user, User::groups).await?;
        s.remove(user, User::groups, member)?;
        assert_eq!(s.flush().await.unwrap_err().kind(), Kind::Flush);
        s.rollback().await?;
        s.delete(group)?;
        s.commit().await?;
        assert_eq!(Membership::select().count(&mut s).await?, 0);
        Ok(())
    }
}

mod nulling {
    use super::*;

    #[derive(Model)]
    #[model(table = "users")]
    struct User {
        #[column(primary_key)]
        id: i64,
        #[relationship(backref = author)]
        drafts: Many<Draft>,
        #[relationship(backref = author)]
        posts: Many<Post>,
    }

    #[derive(Model)]
    #[model(table = "drafts")]
    struct Draft {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = User::id)]
        user_id: Option<i64>,
    }

    #[derive(Model)]
    #[model(table = "posts")]
    struct Post {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = User::id)]
        user_id: i64,
    }

    #[tokio::test]
    async fn without_a_cascade_keys_become_null() -> realgar::Result<()> {
        let db = open(models![User]).await;
        let mut s = db.session();
        let user = s.add(new!(User { drafts: [new!(Draft {}), new!(Draft {})] }));
        let writer = s.add(new!(User { posts: [new!(Post {})] }));
        s.commit().await?;
        let recorder = db.recorder();
        s.delete(user)?;
        s.commit().await?;
        let sent: Vec<String> = texts(&recorder).iter().map(|text| crate::models::verb(text).into()).collect();
        // The aged user, its drafts, its posts; the drafts' keys as one batch; the user.
        assert_eq!(sent[sent.len() - 2..], ["UPDATE", "DELETE"]);
        assert_eq!(Draft::select().filter(Draft::author.is_none()).count(&mut s).await?, 2);
        s.delete(writer)?;
        assert_eq!(s.commit().await.unwrap_err().kind(), Kind::NotNullViolation);
        s.rollback().await?;
        let post = s.load(writer, User::posts).await?[0];
        s.remove(writer, User::posts, post)?;
        assert_eq!(s.commit().await.unwrap_err().kind(), Kind::NotNullViolation);
        Ok(())
    }
}

mod through_a_table {
    use super::*;

    #[derive(Model)]
    #[model(table = "articles")]
    struct Article {
        #[column(primary_key)]
        id: i64,
        #[relationship(secondary = ArticleImages, single_parent, cascade = "all, delete-orphan")]
        images: Many<Image>,
        #[relationship(secondary = Words)]
        words: Many<Word>,
    }

    #[derive(Model)]
    #[model(table = "images")]
    struct Image {
        #[column(primary_key)]
        id: i64,
    }

    #[derive(Table)]
    #[table("article_images")]
    struct ArticleImages {
        #[column(primary_key, foreign_key = Article::id)]
        article_id: i64,
        #[column(primary_key, foreign_key = Image::id)]
        image_id: i64,
    }

    #[derive(Model)]
    #[model(table = "words")]
    struct Word {
        #[column(primary_key)]
        id: i64,
    }

    /// Without a primary key, a pair can stand there twice.
    #[derive(Table)]
    #[table("article_words")]
    struct Words {
        #[column(foreign_key = Article::id)]
        article_id: i64,
        #[column(foreign_key = Word::id)]
        word_id: i64,
    }

    #[tokio::test]
    async fn association_rows_go_first() -> realgar::Result<()> {
        let db = open(models![Article]).await;
        let mut s = db.session();
        let article = s.add(new!(Article { images: [new!(Image {}), new!(Image {}), new!(Image {})] }));
        s.commit().await?;
        let images = s.load(article, Article::images).await?;
        let other = s.add(new!(Article {}));
        assert_eq!(s.append(other, Article::images, images[0]).unwrap_err().kind(), Kind::InvalidRequest);
        let recorder = db.recorder();
        s.remove(article, Article::images, images[0])?;
        s.commit().await?;
        assert_eq!(Image::select().count(&mut s).await?, 2);
        drop(recorder);
        let recorder = db.recorder();
        s.delete(article)?;
        s.commit().await?;
        let sent: Vec<String> = texts(&recorder).into_iter().filter(|text| text.starts_with("DELETE")).collect();
        let tables: Vec<&str> = sent.iter().map(|text| text.split(['"', '`']).nth(1).unwrap()).collect();
        assert_eq!((tables[0], tables.len()), ("article_images", 3));
        Ok(())
    }

    #[tokio::test]
    async fn pairs_can_be_there_twice() -> realgar::Result<()> {
        let db = open(models![Article]).await;
        let mut s = db.session();
        let word = s.add(new!(Word {}));
        let article = s.add(new!(Article { words: [word, word] }));
        assert_eq!(s.loaded(article, Article::words)?, [word, word]);
        s.commit().await?;
        assert_eq!(s.load(article, Article::words).await?, [word]);
        s.remove(article, Article::words, word)?;
        let error = s.commit().await.unwrap_err();
        assert_eq!(error.kind(), Kind::StaleData);
        assert!(error.to_string().contains("met 2 rows"), "{error}");
        s.rollback().await?;
        let image = s.add(new!(Image {}));
        s.add(new!(Article { images: [image, image] }));
        assert_eq!(s.commit().await.unwrap_err().kind(), Kind::UniqueViolation);
        s.rollback().await?;
        // The side without a relationship does not know of its association rows.
        s.delete(word)?;
        assert_eq!(s.commit().await.unwrap_err().kind(), Kind::ForeignKeyViolation);
        Ok(())
    }
}

mod trees {
    use super::*;

    #[derive(Model)]
    #[model(table = "nodes")]
    struct Node {
        #[column(primary_key)]
        id: i64,
        name: String,
        #[column(foreign_key = Node::id)]
        parent_id: Option<i64>,
        #[relationship(cascade = "all, delete-orphan", backref = parent, order_by = Node::name)]
        children: Many<Node>,
    }

    #[tokio::test]
    async fn parents_come_first_and_go_last() -> realgar::Result<()> {
        let db = open(models![Node]).await;
        let mut s = db.session();
        // The chain is built from its end: every child is added before its parent.
        let mut child = s.add(new!(Node { name: "9" }));
        for name in (0..9).rev() {
            let parent = s.add(new!(Node { name: name.to_string() }));
            s.append(parent, Node::children, child)?;
            child = parent;
        }
        s.commit().await?;
        let names: Vec<String> = select(Node::name).order_by(Node::id).all(&mut s).await?;
        assert_eq!(names.concat(), "0123456789");
        let nodes = Node::select().order_by(Node::id).all(&mut s).await?;
        // Moving is no deletion, and what hangs below a deleted node goes, leaves first.
        s.set(nodes[5], Node::parent, nodes[0])?;
        s.flush().await?;
        s.delete(nodes[1])?;
        s.commit().await?;
        let names: Vec<String> = select(Node::name).order_by(Node::id).all(&mut s).await?;
        assert_eq!(names.concat(), "056789");
        let pending =
            s.append(nodes[0], Node::children, new!(Node { name: "x", children: [new!(Node { name: "y" })] }))?;
        let below = s.loaded(pending, Node::children)?[0];
        s.load(nodes[0], Node::children).await?;
        s.rollback().await?;
        assert_eq!(s.state(below)?, State::Transient);
        let pending =
            s.append(nodes[0], Node::children, new!(Node { name: "x", children: [new!(Node { name: "y" })] }))?;
        s.remove(nodes[0], Node::children, pending)?;
        s.commit().await?;
        assert_eq!(Node::select().count(&mut s).await?, 6);
        Ok(())
    }
}
