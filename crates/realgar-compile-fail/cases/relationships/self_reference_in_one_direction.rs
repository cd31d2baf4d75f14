use realgar::prelude::*;

#[derive(Model)]
struct Node {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Node::id)]
    parent_id: Option<i64>,
    #[relationship(back_populates = parent)]
    children: Many<Node>,
    #[relationship(back_populates = children)]
    parent: Many<Node>,
}

fn main() {}
