use realgar::prelude::*;

#[derive(Model)]
struct Line {
    #[column(primary_key)]
    order_id: i64,
    #[column(primary_key)]
    no: i64,
}

#[derive(Model)]
struct Note {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Line::no)]
    line_no: i64,
}

fn main() {}
