//! Programs that failed once, as short as they could be made, each with what was wrong.

use crate::Benches;

fn agrees(text: &str) {
    let program = text.parse().expect("a program");
    assert_eq!(crate::generate::sensible(&program), program, "operations that make no sense would drop out");
    if let Err(mismatch) = Benches::new().run(&program) {
        panic!("operation {}: {}\n{program}", mismatch.at, mismatch.what);
    }
}

#[test]
fn a_write_to_an_object_that_is_deleted_is_rolled_back_with_it() {
    agrees(
        "tree
        merge node1 2
        commit
        delete node1
        write node1 8
        flush
        rollback
        commit
        rollback
        look",
    );
}

#[test]
fn a_collection_is_not_whole_once_one_of_it_was_expunged() {
    agrees(
        "blog
        add post1 6
        commit
        replace post1.labels label0
        query label
        expunge post1
        delete label0
        commit
        rollback
        look",
    );
}

#[test]
fn subquery_beyond_selectin_has_its_values_bound() {
    agrees(
        "school
        add enrolment4 5 student=student2 course=course3
        commit
        query enrolment course:selectin/enrolments:subquery
        commit
        rollback
        look",
    );
}

#[test]
fn expunge_inside_a_savepoint_does_not_move_its_mark() {
    agrees(
        "blog
        add label1 1
        add label2 7
        commit
        write label2 1
        savepoint
        expunge label2
        delete label1
        flush
        undo
        commit
        rollback
        look",
    );
}

#[test]
fn immediate_follows_its_options_where_the_target_is_known() {
    agrees(
        "tree
        add node2 8
        query node
        append node2.children node0
        query node parent:immediate/children:subquery
        commit
        rollback
        look",
    );
}

#[test]
fn a_collection_that_was_queued_loaded_and_changed_is_written_once() {
    agrees(
        "blog
        add label3 0
        append label3.posts post4
        commit
        remove label3.posts post4
        append label3.posts post4
        delete post4
        commit
        rollback
        look",
    );
}

#[test]
fn a_row_that_is_gone_is_not_found_under_a_key_that_was_used_again() {
    agrees(
        "tree
        merge node2 0
        commit
        other-delete node2
        add node0 7
        write node2 8
        commit
        rollback
        look",
    );
}

#[test]
fn joined_beyond_a_many_to_many_leaves_no_owner_out() {
    agrees(
        "blog
        add post1 2 labels=label0,label2
        commit
        query label posts:selectin/labels:joined
        commit
        rollback
        look",
    );
}

#[test]
fn what_another_connection_wrote_is_seen_beside_an_unflushed_write() {
    agrees(
        "tree
        add node1 6
        add node3 5
        commit
        other-key node1.parent node3
        write node1 8
        delete node3
        commit
        rollback
        look",
    );
}

#[test]
fn what_stays_in_a_queued_collection_is_no_addition() {
    agrees(
        "library
        add book1 3 author=author4 pages=page1,page4
        commit
        set page4.book book3
        set page1.book book1
        delete author4
        append book3.pages page1
        commit
        rollback
        look",
    );
}

#[test]
fn a_savepoint_that_is_taken_back_leaves_its_objects_aged() {
    agrees(
        "blog
        add label1 2
        commit
        other-write label1 8
        savepoint
        write label1 5
        flush
        look
        undo
        query label
        commit
        rollback
        look",
    );
}
