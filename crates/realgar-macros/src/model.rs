//! A model as plain data: what `parse` makes, and all that `check` and `expand` talk about.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{
    Attribute, Expr, GenericArgument, Generics, Ident, LitStr, Path, PathArguments, Type, Visibility,
    ext::IdentExt as _,
};

/// Which derive was written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// `#[derive(Model)]`
    Model,
    /// `#[derive(Table)]`
    Table,
}

/// A struct and the table it stands for.
pub(crate) struct Mapping {
    pub(crate) sort: Sort,
    /// The struct's name.
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    /// Empty in every struct that passes: stubs need them.
    pub(crate) generics: Generics,
    /// The table's name.
    pub(crate) table: String,
    pub(crate) fields: Vec<Field>,
    /// Those of single columns first, as the table's description wants them.
    pub(crate) foreign_keys: Vec<ForeignKey>,
    pub(crate) indexes: Vec<Index>,
    /// What must be true of each row, as SQL.
    pub(crate) checks: Vec<String>,
    pub(crate) no_default: bool,
}

/// A field: a column or a relationship.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    /// The field's own doc lines.
    pub(crate) docs: Vec<Attribute>,
    /// `constant = …`: the name of the constant, where it is not the field's.
    pub(crate) constant: Option<Ident>,
    pub(crate) property: Property,
}

/// What a field stands for.
pub(crate) enum Property {
    Column(Column),
    Relationship(Relationship),
}

/// What `#[column(…)]` says.
#[derive(Default)]
pub(crate) struct Column {
    /// The name in the database.
    pub(crate) name: String,
    pub(crate) primary_key: bool,
    pub(crate) unique: bool,
    pub(crate) index: bool,
    pub(crate) length: Option<u32>,
    /// A path to a function is a call already.
    pub(crate) default: Option<Expr>,
    /// What the field becomes when its row is updated; a path to a function is a call already.
    pub(crate) onupdate: Option<Expr>,
    /// SQL, as are the two below.
    pub(crate) server_default: Option<LitStr>,
    pub(crate) computed: Option<LitStr>,
    pub(crate) check: Option<LitStr>,
    pub(crate) secret: bool,
    /// A function that says whether a value is right.
    pub(crate) validate: Option<Expr>,
    /// Where `version` was written.
    pub(crate) version: Option<Ident>,
    /// `on_delete` or `on_update` where no foreign key is.
    pub(crate) stray_action: Option<Ident>,
}

/// What `#[relationship(…)]` says.
#[derive(Default)]
pub(crate) struct Relationship {
    /// By its type: `Many`, not `One`.
    pub(crate) many: bool,
    /// The name of the field over there: never a path, for it may be private.
    pub(crate) back_populates: Option<String>,
    pub(crate) secondary: Option<Path>,
    pub(crate) cascade: Cascade,
    /// A `Strategy`; `None`: nothing was said.
    pub(crate) lazy: Option<Variant>,
    pub(crate) foreign_keys: Vec<Path>,
    /// Fields of this model.
    pub(crate) remote_side: Vec<Ident>,
    pub(crate) primaryjoin: Option<(Path, Path)>,
    pub(crate) secondaryjoin: Option<(Path, Path)>,
    /// Columns of the target, and whether the largest comes first.
    pub(crate) order_by: Vec<(Path, bool)>,
    pub(crate) viewonly: bool,
    /// A `PassiveDeletes`; `None`: nothing was said.
    pub(crate) passive_deletes: Option<Variant>,
    pub(crate) post_update: bool,
    pub(crate) single_parent: bool,
    pub(crate) innerjoin: bool,
    pub(crate) join_depth: Option<u32>,
    pub(crate) overlaps: Vec<Ident>,
    /// A function that says whether an object may be related.
    pub(crate) validate: Option<Expr>,
    /// The way back that has no field over there.
    pub(crate) backref: Option<Box<Backref>>,
    /// The words that were said, and where their values begin and end.
    pub(crate) places: Vec<(String, Place)>,
}

/// Where something begins and ends.
pub(crate) type Place = (Span, Span);

impl Relationship {
    /// Where the value of this word stands.
    pub(crate) fn place(&self, word: &str) -> Option<Place> {
        self.places.iter().find(|(said, _)| said == word).map(|(_, place)| *place)
    }
}

/// Where these tokens begin and end.
pub(crate) fn place(tokens: &impl ToTokens) -> Place {
    let mut spans = tokens.to_token_stream().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// `backref = author`, `backref(author, lazy = "joined")`
pub(crate) struct Backref {
    /// The name of its constant, at the place where it was written.
    pub(crate) name: Ident,
    /// What stands behind the name; the rest mirrors the relationship.
    pub(crate) options: Relationship,
}

/// `cascade = "…"`; without a word, the default.
pub(crate) struct Cascade {
    pub(crate) save_update: bool,
    pub(crate) merge: bool,
    pub(crate) refresh_expire: bool,
    pub(crate) expunge: bool,
    /// Where `delete` or `all` was written.
    pub(crate) delete: Option<Span>,
    /// Where `delete-orphan` was written.
    pub(crate) delete_orphan: Option<Span>,
}

impl Cascade {
    /// `none`
    pub(crate) const NONE: Cascade = Cascade {
        save_update: false,
        merge: false,
        refresh_expire: false,
        expunge: false,
        delete: None,
        delete_orphan: None,
    };
}

impl Default for Cascade {
    fn default() -> Self {
        Cascade { save_update: true, merge: true, ..Cascade::NONE }
    }
}

/// A variant of one of `realgar`'s enums, by name.
pub(crate) type Variant = &'static str;

/// A foreign key, of one column or several.
pub(crate) struct ForeignKey {
    /// What a mistake is shown at.
    pub(crate) word: Ident,
    /// Fields of this model.
    pub(crate) columns: Vec<Ident>,
    /// Columns over there, as paths: `User::id`.
    pub(crate) references: Vec<Path>,
    /// An `Action`; `None`: nothing was said.
    pub(crate) on_delete: Option<Variant>,
    /// An `Action`; `None`: nothing was said.
    pub(crate) on_update: Option<Variant>,
}

/// `unique(…)` or `index(…)` of a table.
pub(crate) struct Index {
    /// Fields of this model.
    pub(crate) columns: Vec<Ident>,
    pub(crate) unique: bool,
}

impl Mapping {
    /// The struct's name as text.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// The columns, in the order of the fields: their places here are their positions.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&Field, &Column)> {
        self.fields.iter().filter_map(|field| match &field.property {
            Property::Column(column) => Some((field, column)),
            Property::Relationship(_) => None,
        })
    }

    /// The relationships, in the order of the fields.
    pub(crate) fn relationships(&self) -> impl Iterator<Item = (&Field, &Relationship)> {
        self.fields.iter().filter_map(|field| match &field.property {
            Property::Relationship(relationship) => Some((field, relationship)),
            Property::Column(_) => None,
        })
    }

    /// The columns of the primary key.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&Field, &Column)> {
        self.columns().filter(|(_, column)| column.primary_key)
    }

    /// The column that this field stands for.
    pub(crate) fn column(&self, field: &Ident) -> Option<(&Field, &Column)> {
        self.columns().find(|(found, _)| found.is(field))
    }

    /// The fields that `new!` must be given, by name.
    pub(crate) fn required(&self) -> Vec<String> {
        let given_elsewhere = |field: &Field, column: &Column| {
            field.is_option()
                || field.is_auto()
                || column.default.is_some()
                || column.version.is_some()
                || self.in_foreign_key(field)
        };
        self.columns()
            .filter(|(field, column)| !given_elsewhere(field, column))
            .map(|(field, _)| field.name())
            .collect()
    }

    /// The key that is generated where its type is an integer: one that stands alone and is no foreign key.
    pub(crate) fn generated(&self) -> Option<&Field> {
        let mut keys = self.keys();
        let (field, _) = keys.next().filter(|(field, _)| !self.in_foreign_key(field))?;
        keys.next().is_none().then_some(field)
    }

    pub(crate) fn in_foreign_key(&self, field: &Field) -> bool {
        self.foreign_keys.iter().any(|key| key.columns.iter().any(|column| field.is(column)))
    }
}

impl Field {
    /// The field's name as text.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// Whether this name is the field's, with or without the mark of a raw identifier.
    pub(crate) fn is(&self, name: &Ident) -> bool {
        self.ident.unraw() == name.unraw()
    }

    /// The name of its constant.
    pub(crate) fn constant(&self) -> &Ident {
        self.constant.as_ref().unwrap_or(&self.ident)
    }

    /// Whether its type is written as `Option<…>`.
    pub(crate) fn is_option(&self) -> bool {
        last_segment(&self.ty).is_some_and(|name| name == "Option")
    }

    /// Whether its type is written as `Deferred<…>`.
    pub(crate) fn is_deferred(&self) -> bool {
        last_segment(&self.ty).is_some_and(|name| name == "Deferred")
    }

    /// Whether its type is written as `Auto<…>`.
    pub(crate) fn is_auto(&self) -> bool {
        last_segment(&self.ty).is_some_and(|name| name == "Auto")
    }
}

/// Whether a relationship's type is `One<Option<…>>`: it may be to one row over there that holds our key.
pub(crate) fn is_one_option(ty: &Type) -> bool {
    argument(ty).and_then(last_segment).is_some_and(|name| name == "Option")
}

/// `Post` of `Many<Post>`, `User` of `One<Option<User>>`.
pub(crate) fn target(ty: &Type) -> Option<&Type> {
    let inner = argument(ty)?;
    if last_segment(inner).is_some_and(|name| name == "Option") { argument(inner) } else { Some(inner) }
}

/// What stands between the brackets of a type.
fn argument(ty: &Type) -> Option<&Type> {
    let path = match ty {
        Type::Path(path) => path,
        Type::Group(group) => return argument(&group.elem),
        Type::Paren(paren) => return argument(&paren.elem),
        _ => return None,
    };
    let PathArguments::AngleBracketed(inside) = &path.path.segments.last()?.arguments else { return None };
    match inside.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}

/// The name at the end of a type's path: all that a derive can know of a type.
pub(crate) fn last_segment(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        // A type that came through a `macro_rules!` stands in an invisible group.
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}
