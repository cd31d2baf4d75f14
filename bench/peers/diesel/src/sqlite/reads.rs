//! W1, W2, W3, W5, W7, W8.

use bench_diesel::*;
use common::*;
use diesel::prelude::*;

use crate::PEER;

pub fn run(args: &Args, connection: &mut SqliteConnection) {
    bench(args, PEER, "w1", W1_LOOKUPS, "lookup", |_| lookups(connection).unwrap());
    bench(args, PEER, "w1_transaction", W1_LOOKUPS, "lookup", |_| connection.transaction(lookups).unwrap());
    for (name, rows, queries) in W2 {
        let load = |connection: &mut SqliteConnection| loads(connection, rows, queries);
        bench(args, PEER, name, rows * queries, "row", |_| load(connection).unwrap());
        let name = format!("{name}_transaction");
        bench(args, PEER, &name, rows * queries, "row", |_| connection.transaction(load).unwrap());
    }
    bench(args, PEER, "w3_lazy", W3_PARENTS, "parent", |_| one_query_each(connection).unwrap());
    bench(args, PEER, "w3_selectin", W3_PARENTS, "parent", |_| two_queries(connection).unwrap());
    bench(args, PEER, "w3_joined", W3_PARENTS, "parent", |_| joined(connection).unwrap());
    bench(args, PEER, "w5", W5_POSTS, "post", |_| many_to_many(connection).unwrap());
    bench(args, PEER, "w7", W7_QUERIES, "query", |_| ordered_join(connection).unwrap());
    memory(args, PEER, || {
        let posts = some_posts(connection, 0, POSTS).unwrap();
        let mut sum = Sum::default();
        sum_posts(&mut sum, &posts);
        (sum.0, posts.len())
    });
}

fn lookups(connection: &mut SqliteConnection) -> QueryResult<u64> {
    let mut sum = Sum::default();
    for lookup in 0..W1_LOOKUPS {
        let user: User = users::table.find(w1_id(lookup)).select(User::as_select()).first(connection)?;
        sum.user(user.id, &user.name, &user.email, user.active);
    }
    Ok(sum.0)
}

fn some_posts(connection: &mut SqliteConnection, after: i64, until: i64) -> QueryResult<Vec<Post>> {
    let some = posts::table.filter(posts::id.gt(after)).filter(posts::id.le(until));
    some.select(Post::as_select()).load(connection)
}

fn loads(connection: &mut SqliteConnection, rows: i64, queries: i64) -> QueryResult<u64> {
    let mut sum = Sum::default();
    for query in 0..queries {
        sum_posts(&mut sum, &some_posts(connection, query * rows, (query + 1) * rows)?);
    }
    Ok(sum.0)
}

fn parents(connection: &mut SqliteConnection) -> QueryResult<Vec<User>> {
    users::table.filter(users::id.le(W3_PARENTS)).select(User::as_select()).load(connection)
}

fn one_query_each(connection: &mut SqliteConnection) -> QueryResult<u64> {
    let mut groups = Vec::new();
    for user in parents(connection)? {
        let posts = Post::belonging_to(&user).select(Post::as_select()).load(connection)?;
        groups.push((user, posts));
    }
    Ok(sum_groups(&groups))
}

fn two_queries(connection: &mut SqliteConnection) -> QueryResult<u64> {
    let users = parents(connection)?;
    let posts: Vec<Post> = Post::belonging_to(&users).select(Post::as_select()).load(connection)?;
    let posts = posts.grouped_by(&users);
    let groups: Vec<(User, Vec<Post>)> = users.into_iter().zip(posts).collect();
    Ok(sum_groups(&groups))
}

fn joined(connection: &mut SqliteConnection) -> QueryResult<u64> {
    let rows = users::table
        .left_join(posts::table)
        .filter(users::id.le(W3_PARENTS))
        .order(users::id)
        .select((User::as_select(), Option::<Post>::as_select()))
        .load(connection)?;
    Ok(sum_groups(&grouped(rows)))
}

fn many_to_many(connection: &mut SqliteConnection) -> QueryResult<u64> {
    let posts = some_posts(connection, 0, W5_POSTS)?;
    let tags: Vec<(PostTag, Tag)> = PostTag::belonging_to(&posts)
        .inner_join(tags::table)
        .select((PostTag::as_select(), Tag::as_select()))
        .load(connection)?;
    let tags = tags.grouped_by(&posts);
    let mut sum = Sum::default();
    sum_posts(&mut sum, &posts);
    tags.iter().flatten().for_each(|(_, tag)| sum.tag(tag.id, &tag.name));
    Ok(sum.0)
}

fn ordered_join(connection: &mut SqliteConnection) -> QueryResult<u64> {
    let mut sum = Sum::default();
    for query in 0..W7_QUERIES {
        let first = w7_first(query);
        let pairs: Vec<(Post, User)> = posts::table
            .inner_join(users::table)
            .filter(users::active.eq(true))
            .filter(users::id.ge(first))
            .filter(users::id.lt(first + W7_SPAN))
            .order(posts::title)
            .limit(50)
            .select((Post::as_select(), User::as_select()))
            .load(connection)?;
        for (post, user) in pairs {
            sum.post(post.id, &post.title, &post.body, post.user_id);
            sum.user(user.id, &user.name, &user.email, user.active);
        }
    }
    Ok(sum.0)
}
