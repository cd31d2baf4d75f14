use realgar::prelude::*;

#[derive(Model)]
struct Node {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Node::id)]
    next_id: Option<i64>,
    #[relationship(back_populates = previous)]
    next: One<Option<Node>>,
    #[relationship(back_populates = next)]
    previous: One<Option<Node>>,
}

fn main() {}
