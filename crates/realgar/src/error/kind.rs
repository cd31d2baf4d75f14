//! The kinds of errors and the reference's class for each.

/// What a program branches on. Named after SQLAlchemy's errors where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A mapping or a call that makes no sense as written.
    Argument,
    /// A relationship between two tables that no foreign key links.
    NoForeignKeys,
    /// A relationship or join between two tables that several foreign keys link.
    AmbiguousForeignKeys,
    /// A foreign key to a table that is not there.
    NoReferencedTable,
    /// A foreign key to a column that is not there.
    NoReferencedColumn,
    /// A call that the object's or the session's state does not allow.
    InvalidRequest,
    /// `one` found no row.
    NoResultFound,
    /// `one` found more than one row.
    MultipleResultsFound,
    /// A relationship was read that is not loaded.
    NotLoaded,
    /// A handle of another session, or of an object that its session let go.
    DetachedInstance,
    /// The row of an object is gone.
    ObjectDeleted,
    /// A write met fewer or more rows than it must.
    StaleData,
    /// A flush or statement failed; the session waits for `rollback`.
    PendingRollback,
    /// Rows that depend on one another in a circle.
    CircularDependency,
    /// A flush that cannot be carried out.
    Flush,
    /// A value that exists once only was given twice.
    UniqueViolation,
    /// A foreign key points nowhere, or a row is still pointed at.
    ForeignKeyViolation,
    /// NULL in a column that takes none.
    NotNullViolation,
    /// A CHECK constraint said no.
    CheckViolation,
    /// A value does not fit its column or its Rust type.
    Data,
    /// The database could not do it: no such table, cannot open, locked, disk full.
    Operational,
    /// The statement itself is wrong.
    Programming,
    /// Something was waited for, in vain.
    Timeout,
    /// Another transaction was first; the whole transaction can be tried again.
    SerializationFailure,
    /// A COMMIT was sent, and the connection broke before its answer came: nobody knows whether it was carried out.
    UnknownOutcome,
    /// This database cannot do that.
    Unsupported,
    /// None of the others; also what would be a bug of this crate.
    Other,
}

impl Kind {
    /// The class that SQLAlchemy raises in this case.
    ///
    /// ```
    /// # use realgar::Kind;
    /// assert_eq!(Kind::UniqueViolation.reference(), "IntegrityError");
    /// ```
    #[must_use]
    pub fn reference(self) -> &'static str {
        match self {
            Kind::Argument => "ArgumentError",
            Kind::NoForeignKeys => "NoForeignKeysError",
            Kind::AmbiguousForeignKeys => "AmbiguousForeignKeysError",
            Kind::NoReferencedTable => "NoReferencedTableError",
            Kind::NoReferencedColumn => "NoReferencedColumnError",
            Kind::InvalidRequest | Kind::NotLoaded => "InvalidRequestError",
            Kind::NoResultFound => "NoResultFound",
            Kind::MultipleResultsFound => "MultipleResultsFound",
            Kind::DetachedInstance => "DetachedInstanceError",
            Kind::ObjectDeleted => "ObjectDeletedError",
            Kind::StaleData => "StaleDataError",
            Kind::PendingRollback => "PendingRollbackError",
            Kind::CircularDependency => "CircularDependencyError",
            Kind::Flush => "FlushError",
            Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::NotNullViolation | Kind::CheckViolation => {
                "IntegrityError"
            }
            Kind::Data => "DataError",
            Kind::Operational | Kind::SerializationFailure | Kind::UnknownOutcome => "OperationalError",
            Kind::Programming => "ProgrammingError",
            Kind::Timeout => "TimeoutError",
            Kind::Unsupported => "CompileError",
            Kind::Other => "SQLAlchemyError",
        }
    }
}
