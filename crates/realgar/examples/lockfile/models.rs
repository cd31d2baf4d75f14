//! The tables: packages, where they come from, and which needs which.

use realgar::prelude::*;

/// One `[[package]]` of a lock file.
#[derive(Model)]
#[model(table = "packages", index(name, version))]
pub struct Package {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
    pub version: String,
    pub checksum: Option<String>,
    #[column(foreign_key = Source::id, index)]
    pub source_id: Option<i64>,
    /// Nobody for a member of the workspace.
    #[relationship(back_populates = packages)]
    pub source: One<Option<Source>>,
    /// What it needs.
    #[relationship(
        secondary = Dependencies,
        primaryjoin = Package::id == Dependencies::dependent_id,
        secondaryjoin = Package::id == Dependencies::dependency_id,
        back_populates = dependents
    )]
    pub dependencies: Many<Package>,
    /// What needs it.
    #[relationship(
        secondary = Dependencies,
        primaryjoin = Package::id == Dependencies::dependency_id,
        secondaryjoin = Package::id == Dependencies::dependent_id,
        back_populates = dependencies
    )]
    pub dependents: Many<Package>,
}

/// A registry or repository.
#[derive(Model)]
#[model(table = "sources")]
pub struct Source {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique)]
    pub url: String,
    #[relationship(back_populates = source)]
    pub packages: Many<Package>,
}

/// The edges of the graph: the dependent needs the dependency.
#[derive(Table)]
#[table("dependencies")]
pub struct Dependencies {
    #[column(primary_key, foreign_key = Package::id)]
    pub dependent_id: i64,
    #[column(primary_key, foreign_key = Package::id, index)]
    pub dependency_id: i64,
}
