use realgar::prelude::*;

#[derive(Model)]
enum Shape {
    Circle,
    Square,
}

fn main() {}
