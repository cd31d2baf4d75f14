//! Models in other places: function bodies, modules that refer to each other, private and public ones.

use realgar::{Model, Table as _};

/// What a library shows: everything here has its docs.
pub mod shown {
    use realgar::{Many, Model, One, Table};

    /// A group.
    #[derive(Model)]
    pub struct Group {
        /// The key.
        #[column(primary_key)]
        pub id: i64,
        #[relationship(secondary = Member, back_populates = groups)]
        #[relationship(secondaryjoin = super::hidden::Person::id == Member::person_id)]
        pub(crate) members: Many<super::hidden::Person>,
        #[column(default = 0)]
        pub(crate) size: i64,
    }

    /// Who is in which group.
    #[derive(Table)]
    pub struct Member {
        /// The group.
        #[column(foreign_key = Group::id)]
        pub group_id: i64,
        /// The person.
        #[column(foreign_key = super::hidden::Person::id)]
        pub person_id: i64,
        /// Where the person is said once more.
        #[column(foreign_key = crate::places::hidden::Person::id)]
        pub again: Option<i64>,
    }

    /// A chain of groups.
    #[derive(Model)]
    pub struct Link {
        /// The key, and the group.
        #[column(primary_key, foreign_key = Group::id)]
        pub id: i64,
        /// The group.
        pub group: One<Group>,
    }
}

/// Private fields and types, seen from the module above.
pub(crate) mod hidden {
    use realgar::{Many, Model, Table};

    use super::shown::{Group, Member};

    #[derive(Model)]
    pub(crate) struct Person {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(secondary = Member, back_populates = members)]
        groups: Many<Group>,
        #[relationship(secondary = Friends, primaryjoin = Person::id == Friends::a, secondaryjoin = Person::id == Friends::b)]
        friends: Many<Person>,
    }

    // Nothing but the relationship above names it.
    #[derive(Table)]
    struct Friends {
        #[column(foreign_key = Person::id)]
        a: i64,
        #[column(foreign_key = Person::id)]
        b: i64,
    }

    // Nothing at all names it.
    #[derive(Table)]
    struct Unused {
        #[column(foreign_key = Person::id)]
        a: i64,
    }
}

#[test]
fn modules_refer_to_each_other() {
    let [group, person, again] = shown::Member::DESC.references else { panic!("three foreign keys") };
    assert_eq!([group().name, person().name, again().name], ["Group", "Person", "Person"]);
    assert_eq!(hidden::Person::id.table(), "person");
}

#[test]
fn models_live_in_function_bodies() {
    use realgar::{Many, One, new};

    #[derive(Model)]
    struct Parent {
        #[column(primary_key)]
        id: i32,
        children: Many<Child>,
    }

    #[derive(Model)]
    struct Child {
        #[column(primary_key)]
        id: i32,
        #[column(foreign_key = Parent::id)]
        parent_id: i32,
        parent: One<Parent>,
    }

    let parent = new!(Parent { children: [new!(Child {})] });
    assert!(!parent.children.is_unloaded());
    assert_eq!((Child::MODEL.relationships[0].target)().name(), "Parent");
}

/// What a `macro_rules!` hands over stands in invisible groups.
macro_rules! model {
    ($name:ident, $type:ty, $default:expr, $key:path) => {
        #[derive(Model)]
        struct $name {
            #[column(primary_key)]
            id: i64,
            #[column(foreign_key = $key)]
            other: $type,
            #[column(default = $default)]
            text: String,
        }
    };
}

model!(FromMacro, Option<i64>, String::new, shown::Group::id);

#[test]
fn macros_write_models() {
    assert_eq!(FromMacro::DESC.table.foreign_keys[0].table, "group");
    assert_eq!(FromMacro::default().text, "");
}
