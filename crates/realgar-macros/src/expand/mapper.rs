//! The descriptions of table and model, as constants. Targets are functions, so nothing is cyclic.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, Path, Type, ext::IdentExt as _};

use super::{at, backref, check::spanned_call, own_name, runtime, runtime_at};
use crate::model::{Cascade, Column, Field, ForeignKey, Index, Mapping, Relationship, Sort, Variant, place};

/// The `TableDesc`.
pub(super) fn table(mapping: &Mapping) -> TokenStream {
    let rt = runtime();
    let (name, table) = (mapping.name(), &mapping.table);
    let columns = mapping.columns().map(|(field, found)| column(field, found));
    let keys = mapping.foreign_keys.iter().map(|key| foreign_key(key, mapping));
    let indexes = mapping.indexes.iter().map(|found| index(found, mapping));
    let checks = &mapping.checks;
    let owners = mapping.foreign_keys.iter().map(|key| call(&key.references[0], "describe"));
    let model = match mapping.sort {
        Sort::Model => quote!(::std::option::Option::Some(#rt::model::<Self>)),
        Sort::Table => quote!(::std::option::Option::None),
    };
    quote! {
        #rt::TableDesc {
            name: #name,
            table: #rt::schema::Table {
                name: #table,
                columns: &[#(#columns),*],
                foreign_keys: &[#(#keys),*],
                indexes: &[#(#indexes),*],
                checks: &[#(#checks),*],
            },
            references: &[#(#owners),*],
            model: #model,
        }
    }
}

fn column(field: &Field, column: &Column) -> TokenStream {
    let (rt, ty) = (runtime(), &field.ty);
    let cell = runtime_at(at(ty));
    let Column { name, primary_key, unique, index, secret, .. } = column;
    let nullable = if *primary_key { quote!(false) } else { quote!(<#ty as #cell::Cell>::NULLABLE) };
    let r#type = quote_spanned!(at(ty)=> <#ty as #cell::Cell>::TYPE);
    let length = option(column.length.map(|length| quote!(#length)));
    let [auto, deferred] = [quote!(AUTO), quote!(DEFERRED)].map(|what| quote!(<#ty as #cell::Cell>::#what));
    let [server_default, computed, check] = [&column.server_default, &column.computed, &column.check]
        .map(|sql| option(sql.as_ref().map(|sql| sql.value()).map(|sql| quote!(#sql))));
    quote! {
        #rt::schema::Column {
            name: #name,
            r#type: #r#type,
            nullable: #nullable,
            primary_key: #primary_key,
            unique: #unique,
            index: #index,
            length: #length,
            auto: #auto,
            deferred: #deferred,
            server_default: #server_default,
            computed: #computed,
            check: #check,
            secret: #secret,
        }
    }
}

fn foreign_key(key: &ForeignKey, mapping: &Mapping) -> TokenStream {
    let rt = runtime();
    let columns = column_names(&key.columns, mapping);
    let table = call(&key.references[0], "table");
    let references = key.references.iter().map(|path| call(path, "name"));
    let [on_delete, on_update] = [key.on_delete, key.on_update].map(|action| variant(action, "NoAction"));
    quote! {
        #rt::schema::ForeignKey {
            columns: &[#(#columns),*],
            table: #table,
            references: &[#(#references),*],
            on_delete: #rt::schema::Action::#on_delete,
            on_update: #rt::schema::Action::#on_update,
        }
    }
}

fn index(index: &Index, mapping: &Mapping) -> TokenStream {
    let (rt, unique) = (runtime(), index.unique);
    let columns = column_names(&index.columns, mapping);
    quote!(#rt::schema::Index { columns: &[#(#columns),*], unique: #unique })
}

/// `Model::REQUIRED`. Only the key's type says whether it is generated, and that is known when the constant is made.
pub(super) fn required(mapping: &Mapping) -> TokenStream {
    let (rt, required) = (runtime(), mapping.required());
    let Some(key) = mapping.generated().filter(|key| required.contains(&key.name())) else {
        return quote!(&[#(#required),*]);
    };
    let (ty, name) = (&key.ty, key.name());
    let others = required.iter().filter(|other| **other != name);
    quote! {
        if <#ty as #rt::Cell>::TYPE.is_integer() {
            &[#(#others),*]
        } else {
            &[#(#required),*]
        }
    }
}

/// The `ModelDesc`.
pub(super) fn model(mapping: &Mapping) -> TokenStream {
    let rt = runtime();
    let positions = mapping.columns().enumerate();
    let on_update = positions.filter(|(_, (_, column))| column.onupdate.is_some()).map(|(position, _)| position);
    let validated = mapping.columns().enumerate().filter(|(_, (_, column))| column.validate.is_some());
    let validated = validated.map(|(position, _)| position);
    let version = option(mapping.columns().position(|(_, column)| column.version.is_some()).map(|at| quote!(#at)));
    let relationships = mapping.relationships().map(|(field, found)| relationship(field, found, mapping));
    let fields = mapping.columns().map(|(field, _)| field.name());
    quote! {
        #rt::ModelDesc {
            table: <Self as #rt::Table>::DESC,
            relationships: &[#(#relationships),*],
            objects: #rt::objects::<Self>,
            fields: &[#(#fields),*],
            required: <Self as #rt::Model>::REQUIRED,
            on_update: &[#(#on_update),*],
            version: #version,
            validated: &[#(#validated),*],
            type_id: ::std::any::TypeId::of::<Self>,
        }
    }
}

fn relationship(field: &Field, relationship: &Relationship, mapping: &Mapping) -> TokenStream {
    let (rt, name) = (runtime(), field.name());
    let settings = settings(relationship);
    let secondary = secondary(relationship);
    let back_populates = option(relationship.back_populates.as_ref().map(|name| quote!(#name)));
    let backref =
        option(relationship.backref.as_ref().map(|found| backref::describe(found, field, relationship, mapping)));
    let primaryjoin = option(relationship.primaryjoin.as_ref().map(join));
    let secondaryjoin = option(relationship.secondaryjoin.as_ref().map(join));
    let foreign_keys = foreign_keys(relationship);
    let remote_side = remote_side(relationship, mapping);
    let validate = option(relationship.validate.as_ref().map(|accepts| validate(accepts, field, mapping)));
    let [target, many, optional] = ["Target", "MANY", "OPTIONAL"].map(|what| cardinality(&field.ty, what));
    quote! {
        #rt::RelationshipDesc {
            name: #name,
            target: #rt::model::<#target>,
            to: <#target as #rt::Table>::DESC,
            many: #many,
            optional: #optional,
            secondary: #secondary,
            back_populates: #back_populates,
            backref: #backref,
            primaryjoin: #primaryjoin,
            secondaryjoin: #secondaryjoin,
            foreign_keys: #foreign_keys,
            remote_side: #remote_side,
            validate: #validate,
            #settings
        }
    }
}

/// Says what a function of the user's says of an object that is to be related.
fn validate(accepts: &Expr, field: &Field, mapping: &Mapping) -> TokenStream {
    let rt = runtime();
    let target = cardinality(&field.ty, "Target");
    let what = format!("{}::{}", mapping.name(), field.name());
    quote! {
        |object| match object.downcast_ref::<#target>() {
            ::std::option::Option::Some(object) => #rt::validated((#accepts)(object), #what),
            ::std::option::Option::None => ::std::result::Result::Ok(()),
        }
    }
}

/// What a relationship and a way back say in the same words.
pub(super) fn settings(relationship: &Relationship) -> TokenStream {
    let rt = runtime();
    let (cascade, lazy) = (cascade(&relationship.cascade), variant(relationship.lazy, "Peers"));
    let orders = relationship.order_by.iter().map(|(path, descending)| {
        let [table, name] = ["table", "name"].map(|what| call(path, what));
        quote!(#rt::OrderDesc { column: (#table, #name), descending: #descending })
    });
    let passive_deletes = variant(relationship.passive_deletes, "No");
    let Relationship { viewonly, post_update, single_parent, innerjoin, .. } = relationship;
    let join_depth = option(relationship.join_depth.map(|depth| quote!(#depth)));
    let overlaps = relationship.overlaps.iter().map(|name| name.unraw().to_string());
    quote! {
        cascade: #cascade,
        lazy: #rt::Strategy::#lazy,
        order_by: &[#(#orders),*],
        viewonly: #viewonly,
        passive_deletes: #rt::PassiveDeletes::#passive_deletes,
        post_update: #post_update,
        single_parent: #single_parent,
        innerjoin: #innerjoin,
        join_depth: #join_depth,
        overlaps: &[#(#overlaps),*],
    }
}

pub(super) fn secondary(relationship: &Relationship) -> TokenStream {
    let rt = runtime();
    option(relationship.secondary.as_ref().map(|path| quote!(<#path as #rt::Table>::DESC)))
}

pub(super) fn foreign_keys(relationship: &Relationship) -> TokenStream {
    let names = relationship.foreign_keys.iter().map(|path| call(path, "name"));
    quote!(&[#(#names),*])
}

pub(super) fn remote_side(relationship: &Relationship, mapping: &Mapping) -> TokenStream {
    let names = column_names(&relationship.remote_side, mapping);
    quote!(&[#(#names),*])
}

/// `<Many<Post> as Cardinality>::MANY`
pub(super) fn cardinality(ty: &Type, what: &str) -> TokenStream {
    let (rt, what) = (runtime_at(at(ty)), Ident::new(what, at(ty)));
    quote_spanned!(at(ty)=> <#ty as #rt::Cardinality>::#what)
}

/// Free constants (no others fire in `cargo check`): a foreign key has the type of the key that it refers to, and that
/// tells the rows apart over there.
pub(super) fn foreign_key_checks(mapping: &Mapping) -> TokenStream {
    mapping.foreign_keys.iter().map(|key| foreign_key_check(key, mapping)).collect()
}

fn foreign_key_check(key: &ForeignKey, mapping: &Mapping) -> TokenStream {
    let columns = key.columns.iter().zip(&key.references);
    let types = columns.filter_map(|(ident, path)| mapping.column(ident).map(|(field, _)| (&field.ty, path)));
    let types = types.map(|(ty, path)| {
        let rt = runtime_at(at(path));
        quote_spanned!(at(path)=> #rt::foreign_key::<<#ty as #rt::Cell>::Inner, _>(#path);)
    });
    let (Some(field), Some(first)) = (key.columns.first(), key.references.first()) else { return TokenStream::new() };
    let (rt, model, field) = (runtime(), own_name(mapping), field.unraw().to_string());
    let owner = call(first, "owner");
    let names = key.references.iter().map(|path| call(path, "name"));
    let refers = spanned_call(
        "refers_to_key",
        place(first),
        quote!(<#model as #rt::Table>::DESC, #field, #owner, &[#(#names),*]),
    );
    quote!(const _: () = { #(#types)* #refers };)
}

/// A version is a number.
pub(super) fn version_type(mapping: &Mapping) -> TokenStream {
    let versions = mapping.columns().filter(|(_, column)| column.version.is_some());
    let checks = versions.map(|(field, _)| {
        let (ty, rt) = (&field.ty, runtime_at(at(&field.ty)));
        let text = format!(
            "`{}::{}`: a version that is no whole number; make it an `i64`: the session counts the row's updates in it",
            mapping.name(),
            field.name()
        );
        quote_spanned! {at(ty)=>
            const _: () =
                ::std::assert!(<<#ty as #rt::Cell>::Inner as #rt::ColumnType>::TYPE.is_integer(), #text);
        }
    });
    checks.collect()
}

/// `Model::Key`: the column's type, or a tuple in the order of the fields.
pub(super) fn key(mapping: &Mapping) -> TokenStream {
    let types: Vec<_> = mapping.keys().map(|(field, _)| &field.ty).collect();
    if let [one] = types[..] { quote!(#one) } else { quote!((#(#types),*)) }
}

fn column_names(fields: &[Ident], mapping: &Mapping) -> Vec<String> {
    fields.iter().filter_map(|field| mapping.column(field)).map(|(_, column)| column.name.clone()).collect()
}

fn cascade(cascade: &Cascade) -> TokenStream {
    let rt = runtime();
    let Cascade { save_update, merge, refresh_expire, expunge, .. } = cascade;
    let (delete, delete_orphan) = (cascade.delete.is_some(), cascade.delete_orphan.is_some());
    quote! {
        #rt::Cascade {
            save_update: #save_update,
            merge: #merge,
            refresh_expire: #refresh_expire,
            expunge: #expunge,
            delete: #delete,
            delete_orphan: #delete_orphan,
        }
    }
}

fn join((left, right): &(Path, Path)) -> TokenStream {
    let rt = runtime();
    let [left, right] = [left, right].map(|path| [call(path, "table"), call(path, "name")]);
    let key = |[_, here]: &[TokenStream; 2], [table, there]: &[TokenStream; 2]| {
        let nothing = quote!(#rt::schema::Action::NoAction);
        quote! {
            #rt::schema::ForeignKey {
                columns: &[#here], table: #table, references: &[#there], on_delete: #nothing, on_update: #nothing,
            }
        }
    };
    let keys = [key(&left, &right), key(&right, &left)];
    quote!(#rt::JoinDesc { left: (#(#left),*), right: (#(#right),*), keys: [#(#keys),*] })
}

/// `User::id.name()`
fn call(path: &Path, method: &str) -> TokenStream {
    let method = Ident::new(method, at(path));
    quote_spanned!(at(path)=> #path.#method())
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::std::option::Option::Some(#value)),
        None => quote!(::std::option::Option::None),
    }
}

/// What was said, or the default of its enum.
fn variant(said: Option<Variant>, default: Variant) -> Ident {
    format_ident!("{}", said.unwrap_or(default))
}
