use realgar::prelude::*;

struct User;

fn main() {
    let _ = User::select();
}
