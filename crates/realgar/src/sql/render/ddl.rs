//! Tables, keys and indexes in text.

use crate::{
    error::Result,
    schema::{Action, ForeignKey, Index, Table},
    sql::render::Render,
    value::Words,
};

impl Render<'_> {
    pub(super) fn create_table(&mut self, table: &Table, keys: &[ForeignKey]) -> Result<()> {
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
            self.word(&(self.dialect.type_name)(column.r#type, column.length));
            if generated == Some(index) && column.server_default.is_none() {
                self.word(self.dialect.generated);
            }
            if let Some(from) = column.computed {
                self.word(&format!(" GENERATED ALWAYS AS ({from}) STORED"));
            }
            if let Some(default) = column.server_default {
                self.word(" DEFAULT ");
                self.word(&default_of(default));
            }
            if !column.nullable {
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
        for check in table.columns.iter().filter_map(|column| column.check).chain(table.checks.iter().copied()) {
            self.word(&format!(", CHECK ({check})"));
        }
        for key in keys {
            self.word(", ");
            self.foreign_key(key)?;
        }
        self.word(")");
        Ok(())
    }

    fn foreign_key(&mut self, key: &ForeignKey) -> Result<()> {
        self.word("FOREIGN KEY (");
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

    /// DIALECT: there is no IF NOT EXISTS for a constraint, so one that is there already is passed over.
    pub(super) fn add_foreign_key(&mut self, table: &Table, key: &ForeignKey) -> Result<()> {
        self.word("DO $realgar$ BEGIN ALTER TABLE ");
        self.name(table.name);
        self.word(" ADD CONSTRAINT ");
        self.made_name(&format!("fk_{}_{}", table.name, key.columns.join("_")));
        self.word(" ");
        self.foreign_key(key)?;
        self.word("; EXCEPTION WHEN duplicate_object THEN NULL; END $realgar$");
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
        self.made_name(&format!("ix_{}_{}", table.name, index.columns.join("_")));
        self.word(" ON ");
        self.name(table.name);
        self.word(" (");
        self.names(index.columns)?;
        self.word(")");
        Ok(())
    }
}

/// DIALECT: a default that is more than a literal or a word (`CURRENT_TIMESTAMP`) stands in parentheses.
fn default_of(sql: &str) -> String {
    let word = sql.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.'));
    let text = sql.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    if word || text.is_some_and(|inside| !inside.contains('\'')) { sql.to_owned() } else { format!("({sql})") }
}
