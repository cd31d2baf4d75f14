//! The kinds of errors: for each the reference's class and the page that explains it.

macro_rules! kinds {
    ($($(#[$doc:meta])+ $kind:ident, $class:literal, $page:literal;)+) => {
        /// What a program branches on. Named after SQLAlchemy's errors where it has one.
        ///
        /// Each has a page in `docs/errors`: what it means, the smallest program that produces it, how to mend that.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $(
                $(#[$doc])+
                #[cfg_attr(doctest, doc = include_str!(concat!("../../../../docs/errors/", $page, ".md")))]
                $kind,
            )+
        }

        impl Kind {
            /// All kinds.
            pub const ALL: [Kind; [$(Kind::$kind),+].len()] = [$(Kind::$kind),+];

            /// The class that SQLAlchemy raises in this case.
            ///
            /// ```
            /// # use realgar::Kind;
            /// assert_eq!(Kind::UniqueViolation.reference(), "IntegrityError");
            /// ```
            #[must_use]
            pub fn reference(self) -> &'static str {
                match self {
                    $(Kind::$kind => $class,)+
                }
            }

            /// The page that explains it, in this project's repository.
            ///
            /// ```
            /// # use realgar::Kind;
            /// assert_eq!(Kind::UniqueViolation.page(), "docs/errors/unique-violation.md");
            /// ```
            #[must_use]
            pub fn page(self) -> &'static str {
                match self {
                    $(Kind::$kind => concat!("docs/errors/", $page, ".md"),)+
                }
            }
        }
    };
}

kinds! {
    /// A mapping or a call that makes no sense as written.
    Argument, "ArgumentError", "argument";
    /// A relationship between two tables that no foreign key links.
    NoForeignKeys, "NoForeignKeysError", "no-foreign-keys";
    /// A relationship or join between two tables that several foreign keys link.
    AmbiguousForeignKeys, "AmbiguousForeignKeysError", "ambiguous-foreign-keys";
    /// A foreign key to a table that is not there.
    NoReferencedTable, "NoReferencedTableError", "no-referenced-table";
    /// A foreign key to a column that is not there.
    NoReferencedColumn, "NoReferencedColumnError", "no-referenced-column";
    /// A call that the object's or the session's state does not allow.
    InvalidRequest, "InvalidRequestError", "invalid-request";
    /// `one` found no row.
    NoResultFound, "NoResultFound", "no-result-found";
    /// `one` found more than one row.
    MultipleResultsFound, "MultipleResultsFound", "multiple-results-found";
    /// A relationship was read that is not loaded.
    NotLoaded, "InvalidRequestError", "not-loaded";
    /// A handle of another session, or of an object that its session let go.
    DetachedInstance, "DetachedInstanceError", "detached-instance";
    /// The row of an object is gone.
    ObjectDeleted, "ObjectDeletedError", "object-deleted";
    /// A write met fewer or more rows than it must.
    StaleData, "StaleDataError", "stale-data";
    /// A flush or statement failed; the session waits for `rollback`.
    PendingRollback, "PendingRollbackError", "pending-rollback";
    /// Rows that depend on one another in a circle.
    CircularDependency, "CircularDependencyError", "circular-dependency";
    /// A flush that cannot be carried out.
    Flush, "FlushError", "flush";
    /// A value that exists once only was given twice.
    UniqueViolation, "IntegrityError", "unique-violation";
    /// A foreign key points nowhere, or a row is still pointed at.
    ForeignKeyViolation, "IntegrityError", "foreign-key-violation";
    /// NULL in a column that takes none.
    NotNullViolation, "IntegrityError", "not-null-violation";
    /// A CHECK constraint said no.
    CheckViolation, "IntegrityError", "check-violation";
    /// A value does not fit its column or its Rust type.
    Data, "DataError", "data";
    /// A `validate` function said no; nothing was sent.
    Validation, "ValueError", "validation";
    /// The database could not do it: no such table, cannot open, locked, disk full.
    Operational, "OperationalError", "operational";
    /// The statement itself is wrong.
    Programming, "ProgrammingError", "programming";
    /// Something was waited for, in vain.
    Timeout, "TimeoutError", "timeout";
    /// Another transaction was first; the whole transaction can be tried again.
    SerializationFailure, "OperationalError", "serialization-failure";
    /// A COMMIT was sent, and the connection broke before its answer came: nobody knows whether it was carried out.
    UnknownOutcome, "OperationalError", "unknown-outcome";
    /// This database cannot do that.
    Unsupported, "CompileError", "unsupported";
    /// None of the others; also what would be a bug of this crate.
    Other, "SQLAlchemyError", "other";
}
