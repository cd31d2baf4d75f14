use realgar::prelude::*;

#[derive(Model)]
struct Node {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Node::id)]
    parent_id: Option<i64>,
    #[relationship(remote_side = key)]
    parent: One<Option<Node>>,
}

fn main() {}
