//! Tables, keys and indexes in text.

use crate::{
    error::{Error, Kind, Result},
    schema::{Action, Column, ForeignKey, Index, Table},
    sql::{ddl::indexes, dialect::AddKey, render::Render},
    value::{Type, Words},
};

impl Render<'_> {
    pub(super) fn create_table(&mut self, table: &'static Table, keys: &[ForeignKey]) -> Result<()> {
        let tables = &self.dialect.tables;
        let generated = table.generated_key();
        self.word("CREATE TABLE IF NOT EXISTS ");
        self.name(table.name);
        self.word(" (");
        for (index, column) in table.columns.iter().enumerate() {
            if index > 0 {
                self.word(", ");
            }
            self.name(column.name);
            self.word(" ");
            self.word(&(self.dialect.type_name)(column.r#type, self.length(table, column)));
            if generated == Some(index) && column.server_default.is_none() {
                self.word(tables.generated);
            }
            if let Some(from) = column.computed {
                self.word(&format!(" GENERATED ALWAYS AS ({from}) STORED"));
            }
            if let Some(default) = column.server_default {
                self.word(" DEFAULT ");
                self.word(&(tables.default)(default));
            }
            if !column.nullable && (column.computed.is_none() || tables.computed_not_null) {
                self.word(" NOT NULL");
            }
        }
        let key: Vec<_> = table.primary_key().map(|position| table.columns[position].name).collect();
        if !key.is_empty() {
            self.word(", PRIMARY KEY (");
            self.names(&key)?;
            self.word(")");
        }
        let single =
            table.columns.iter().filter(|column| column.unique).map(|column| std::slice::from_ref(&column.name));
        let several = table.indexes.iter().filter(|index| index.unique).map(|index| index.columns);
        for columns in single.chain(several) {
            self.word(", UNIQUE (");
            self.names(columns)?;
            self.word(")");
        }
        for index in indexes(table).filter(|_| tables.inner_indexes) {
            self.word(", INDEX ");
            self.index(table, &index)?;
        }
        for check in table.columns.iter().filter_map(|column| column.check).chain(table.checks.iter().copied()) {
            self.word(&format!(", CHECK ({check})"));
        }
        for key in keys {
            self.word(", ");
            self.foreign_key(table, key, "")?;
        }
        self.word(")");
        self.word(tables.options);
        Ok(())
    }

    /// How long a text or bytes may be: where it has a key or index, some databases want a length.
    fn length(&self, table: &Table, column: &Column) -> Option<u32> {
        let most = self
            .dialect
            .tables
            .keyed_length
            .filter(|_| matches!(column.r#type, Type::Text | Type::Enum(_) | Type::Bytes));
        let Some(most) = most else { return column.length };
        let inside = |columns: &[&str]| columns.contains(&column.name);
        let keyed = column.primary_key
            || column.unique
            || column.index
            || table.indexes.iter().any(|index| inside(index.columns))
            || table.foreign_keys.iter().any(|key| inside(key.columns));
        column.length.or(keyed.then_some(most))
    }

    fn foreign_key(&mut self, table: &Table, key: &ForeignKey, unless: &str) -> Result<()> {
        let sets_default = key.on_delete == Action::SetDefault || key.on_update == Action::SetDefault;
        if sets_default && !self.dialect.tables.set_default {
            let what = format!("{} has no foreign keys that set defaults", self.dialect.name);
            return Err(Error::new(Kind::Unsupported, what)
                .with_entity(|| format!("`{}.{}`", table.name, key.columns.join("+")))
                .way_out("say `on_delete = \"set null\"` or `\"cascade\"`"));
        }
        self.word("FOREIGN KEY");
        self.word(unless);
        self.word(" (");
        self.names(key.columns)?;
        self.word(") REFERENCES ");
        self.name(key.table);
        self.word(" (");
        self.names(key.references)?;
        self.word(")");
        self.action(" ON DELETE ", key.on_delete);
        self.action(" ON UPDATE ", key.on_update);
        Ok(())
    }

    /// DIALECT: not everybody has IF NOT EXISTS for a constraint; one that is there already is passed over.
    pub(super) fn add_foreign_key(&mut self, table: &Table, key: &ForeignKey) -> Result<()> {
        let (before, unless, after) = match self.dialect.tables.add_key {
            AddKey::Block => ("DO $realgar$ BEGIN ", "", "; EXCEPTION WHEN duplicate_object THEN NULL; END $realgar$"),
            AddKey::IfNotExists => ("", " IF NOT EXISTS", ""),
            AddKey::Fails(_) => ("", "", ""),
        };
        self.word(before);
        self.word("ALTER TABLE ");
        self.name(table.name);
        self.word(" ADD CONSTRAINT ");
        self.made_name(&format!("fk_{}_{}", table.name, key.columns.join("_")));
        self.word(" ");
        self.foreign_key(table, key, unless)?;
        self.word(after);
        Ok(())
    }

    /// DIALECT: there is no IF NOT EXISTS for a type, so one that is there already is passed over.
    pub(super) fn create_type(&mut self, words: &Words) -> Result<()> {
        self.word("DO $realgar$ BEGIN CREATE TYPE ");
        self.name(words.name);
        let texts: Vec<String> = words.words.iter().map(|word| format!("'{}'", word.replace('\'', "''"))).collect();
        self.word(&format!(
            " AS ENUM ({}); EXCEPTION WHEN duplicate_object THEN NULL; END $realgar$",
            texts.join(", ")
        ));
        Ok(())
    }

    /// A name that is put together here: cut where the database would cut it, and told apart by a hash.
    fn made_name(&mut self, name: &str) {
        if name.len() <= self.dialect.name_length {
            return self.name(name);
        }
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let end = (0..=self.dialect.name_length - 9).rev().find(|&end| name.is_char_boundary(end)).unwrap_or(0);
        self.name(&format!("{}_{:08x}", &name[..end], hash as u32));
    }

    fn action(&mut self, when: &str, action: Action) {
        let what = match action {
            Action::NoAction => return,
            Action::Restrict => "RESTRICT",
            Action::Cascade => "CASCADE",
            Action::SetNull => "SET NULL",
            Action::SetDefault => "SET DEFAULT",
        };
        self.word(when);
        self.word(what);
    }

    pub(super) fn create_index(&mut self, table: &Table, index: &Index) -> Result<()> {
        self.word("CREATE INDEX IF NOT EXISTS ");
        self.made_name(&index_name(table, index));
        self.word(" ON ");
        self.name(table.name);
        self.indexed(index)
    }

    /// An index inside CREATE TABLE.
    fn index(&mut self, table: &Table, index: &Index) -> Result<()> {
        self.made_name(&index_name(table, index));
        self.indexed(index)
    }

    fn indexed(&mut self, index: &Index) -> Result<()> {
        self.word(" (");
        self.names(index.columns)?;
        self.word(")");
        Ok(())
    }
}

fn index_name(table: &Table, index: &Index) -> String {
    format!("ix_{}_{}", table.name, index.columns.join("_"))
}
