//! Programs as data: operations on a session, one a line, that can be printed, parsed and pasted into a test.

use std::{fmt, str::FromStr};

use crate::schemas::{Kind, Rel, Schema, Var};

/// Operations over one schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub schema: Schema,
    pub ops: Vec<Op>,
}

/// How a query or a loop loads a relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    Select,
    Peers,
    Joined,
    Selectin,
    Subquery,
    Immediate,
}

impl Strategy {
    pub const ALL: [Strategy; 6] = [
        Strategy::Select,
        Strategy::Peers,
        Strategy::Joined,
        Strategy::Selectin,
        Strategy::Subquery,
        Strategy::Immediate,
    ];

    pub fn is_eager(self) -> bool {
        !matches!(self, Strategy::Select | Strategy::Peers)
    }

    fn name(self) -> &'static str {
        match self {
            Strategy::Select => "select",
            Strategy::Peers => "peers",
            Strategy::Joined => "joined",
            Strategy::Selectin => "selectin",
            Strategy::Subquery => "subquery",
            Strategy::Immediate => "immediate",
        }
    }
}

/// One operation. An object that is named for the first time is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// `add book1 5 author=author0 pages=page0,page1`
    Add(Var, i64, Vec<(Rel, Vec<Var>)>),
    /// `append author0.books book1`
    Append(Var, Rel, Var),
    /// `remove author0.books book1`
    Remove(Var, Rel, Var),
    /// `set book1.author author0`, `set book1.author none`
    Set(Var, Rel, Option<Var>),
    /// `replace author0.books book1,book2`
    Replace(Var, Rel, Vec<Var>),
    /// The field is written, and flushed: `assign author0.books book1,book2`
    Assign(Var, Rel, Vec<Var>),
    /// `write book1 7`
    Write(Var, i64),
    /// The foreign key's column is written: `key book1.author author0`
    Key(Var, Rel, Option<Var>),
    Delete(Var),
    /// A deletion is taken back before the flush.
    Again(Var),
    Flush,
    Commit,
    Rollback,
    Close,
    Savepoint,
    Keep,
    Undo,
    Expire(Var),
    ExpireAll,
    Refresh(Var),
    Expunge(Var),
    /// `merge book1 7`
    Merge(Var, i64),
    Get(Var),
    /// `load author0.books`
    Load(Var, Rel),
    /// `preload author books`
    Preload(Rel),
    /// `query author books:joined/pages:selectin`
    Query(Kind, Vec<(Rel, Strategy)>),
    /// Everything is reached in every way.
    Look,
    /// `other write book1 7`: what another connection commits.
    OtherWrite(Var, i64),
    OtherKey(Var, Rel, Option<Var>),
    OtherAdd(Var, i64, Vec<Option<Var>>),
    OtherDelete(Var),
    OtherLink(Var, Var),
    OtherUnlink(Var, Var),
}

struct Path(Var, Rel);

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1.shape().name)
    }
}

fn maybe(var: Option<Var>) -> String {
    var.map_or_else(|| "none".to_owned(), |var| var.to_string())
}

fn list(vars: &[Var]) -> String {
    if vars.is_empty() {
        return "none".to_owned();
    }
    vars.iter().map(Var::to_string).collect::<Vec<_>>().join(",")
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Op::Add(var, value, fields) => {
                write!(f, "add {var} {value}")?;
                fields.iter().try_for_each(|(rel, vars)| write!(f, " {}={}", rel.shape().name, list(vars)))
            }
            Op::Append(var, rel, item) => write!(f, "append {} {item}", Path(*var, *rel)),
            Op::Remove(var, rel, item) => write!(f, "remove {} {item}", Path(*var, *rel)),
            Op::Set(var, rel, to) => write!(f, "set {} {}", Path(*var, *rel), maybe(*to)),
            Op::Replace(var, rel, items) => write!(f, "replace {} {}", Path(*var, *rel), list(items)),
            Op::Assign(var, rel, items) => write!(f, "assign {} {}", Path(*var, *rel), list(items)),
            Op::Write(var, value) => write!(f, "write {var} {value}"),
            Op::Key(var, rel, to) => write!(f, "key {} {}", Path(*var, *rel), maybe(*to)),
            Op::Delete(var) => write!(f, "delete {var}"),
            Op::Again(var) => write!(f, "again {var}"),
            Op::Flush => f.write_str("flush"),
            Op::Commit => f.write_str("commit"),
            Op::Rollback => f.write_str("rollback"),
            Op::Close => f.write_str("close"),
            Op::Savepoint => f.write_str("savepoint"),
            Op::Keep => f.write_str("keep"),
            Op::Undo => f.write_str("undo"),
            Op::Expire(var) => write!(f, "expire {var}"),
            Op::ExpireAll => f.write_str("expire-all"),
            Op::Refresh(var) => write!(f, "refresh {var}"),
            Op::Expunge(var) => write!(f, "expunge {var}"),
            Op::Merge(var, value) => write!(f, "merge {var} {value}"),
            Op::Get(var) => write!(f, "get {var}"),
            Op::Load(var, rel) => write!(f, "load {}", Path(*var, *rel)),
            Op::Preload(rel) => write!(f, "preload {} {}", rel.shape().owner.mould().name, rel.shape().name),
            Op::Query(kind, options) => {
                write!(f, "query {}", kind.mould().name)?;
                options.iter().enumerate().try_for_each(|(index, (rel, strategy))| {
                    let before = if index == 0 { ' ' } else { '/' };
                    write!(f, "{before}{}:{}", rel.shape().name, strategy.name())
                })
            }
            Op::Look => f.write_str("look"),
            Op::OtherWrite(var, value) => write!(f, "other-write {var} {value}"),
            Op::OtherKey(var, rel, to) => write!(f, "other-key {} {}", Path(*var, *rel), maybe(*to)),
            Op::OtherAdd(var, value, keys) => {
                write!(f, "other-add {var} {value}")?;
                keys.iter().try_for_each(|key| write!(f, " {}", maybe(*key)))
            }
            Op::OtherDelete(var) => write!(f, "other-delete {var}"),
            Op::OtherLink(post, label) => write!(f, "other-link {post} {label}"),
            Op::OtherUnlink(post, label) => write!(f, "other-unlink {post} {label}"),
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.schema.name())?;
        self.ops.iter().try_for_each(|op| write!(f, "\n{op}"))
    }
}

fn rel(kind: Kind, name: &str) -> Option<Rel> {
    kind.rels().into_iter().find(|rel| rel.shape().name == name)
}

fn path(text: &str) -> Option<(Var, Rel)> {
    let (var, name) = text.split_once('.')?;
    let var = Var::parse(var)?;
    Some((var, rel(var.kind, name)?))
}

fn parse_maybe(text: &str) -> Option<Option<Var>> {
    if text == "none" { Some(None) } else { Var::parse(text).map(Some) }
}

fn parse_list(text: &str) -> Option<Vec<Var>> {
    if text == "none" { Some(Vec::new()) } else { text.split(',').map(Var::parse).collect() }
}

fn parse_kind(text: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.mould().name == text)
}

fn parse_options(kind: Kind, words: &[&str]) -> Option<Vec<(Rel, Strategy)>> {
    let mut options = Vec::new();
    let mut owner = kind;
    for option in words.iter().flat_map(|word| word.split('/')) {
        let (name, strategy) = option.split_once(':')?;
        let rel = rel(owner, name)?;
        owner = rel.shape().target;
        options.push((rel, Strategy::ALL.into_iter().find(|known| known.name() == strategy)?));
    }
    Some(options)
}

fn parse(line: &str) -> Option<Op> {
    let words: Vec<&str> = line.split_whitespace().collect();
    Some(match words[..] {
        ["add", var, value, ref fields @ ..] => {
            let var = Var::parse(var)?;
            let field = |field: &&str| {
                let (name, vars) = field.split_once('=')?;
                Some((rel(var.kind, name)?, parse_list(vars)?))
            };
            Op::Add(var, value.parse().ok()?, fields.iter().map(field).collect::<Option<_>>()?)
        }
        ["append", at, item] => path(at).and_then(|(var, rel)| Some(Op::Append(var, rel, Var::parse(item)?)))?,
        ["remove", at, item] => path(at).and_then(|(var, rel)| Some(Op::Remove(var, rel, Var::parse(item)?)))?,
        ["set", at, to] => path(at).and_then(|(var, rel)| Some(Op::Set(var, rel, parse_maybe(to)?)))?,
        ["replace", at, items] => path(at).and_then(|(var, rel)| Some(Op::Replace(var, rel, parse_list(items)?)))?,
        ["assign", at, items] => path(at).and_then(|(var, rel)| Some(Op::Assign(var, rel, parse_list(items)?)))?,
        ["write", var, value] => Op::Write(Var::parse(var)?, value.parse().ok()?),
        ["key", at, to] => path(at).and_then(|(var, rel)| Some(Op::Key(var, rel, parse_maybe(to)?)))?,
        ["delete", var] => Op::Delete(Var::parse(var)?),
        ["again", var] => Op::Again(Var::parse(var)?),
        ["flush"] => Op::Flush,
        ["commit"] => Op::Commit,
        ["rollback"] => Op::Rollback,
        ["close"] => Op::Close,
        ["savepoint"] => Op::Savepoint,
        ["keep"] => Op::Keep,
        ["undo"] => Op::Undo,
        ["expire", var] => Op::Expire(Var::parse(var)?),
        ["expire-all"] => Op::ExpireAll,
        ["refresh", var] => Op::Refresh(Var::parse(var)?),
        ["expunge", var] => Op::Expunge(Var::parse(var)?),
        ["merge", var, value] => Op::Merge(Var::parse(var)?, value.parse().ok()?),
        ["get", var] => Op::Get(Var::parse(var)?),
        ["load", at] => path(at).map(|(var, rel)| Op::Load(var, rel))?,
        ["preload", kind, name] => Op::Preload(rel(parse_kind(kind)?, name)?),
        ["query", kind, ref options @ ..] => {
            let kind = parse_kind(kind)?;
            Op::Query(kind, parse_options(kind, options)?)
        }
        ["look"] => Op::Look,
        ["other-write", var, value] => Op::OtherWrite(Var::parse(var)?, value.parse().ok()?),
        ["other-key", at, to] => path(at).and_then(|(var, rel)| Some(Op::OtherKey(var, rel, parse_maybe(to)?)))?,
        ["other-add", var, value, ref keys @ ..] => {
            let keys = keys.iter().map(|key| parse_maybe(key)).collect::<Option<_>>()?;
            Op::OtherAdd(Var::parse(var)?, value.parse().ok()?, keys)
        }
        ["other-delete", var] => Op::OtherDelete(Var::parse(var)?),
        ["other-link", post, label] => Op::OtherLink(Var::parse(post)?, Var::parse(label)?),
        ["other-unlink", post, label] => Op::OtherUnlink(Var::parse(post)?, Var::parse(label)?),
        _ => return None,
    })
}

impl FromStr for Program {
    type Err = String;

    fn from_str(text: &str) -> Result<Program, String> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let schema = lines.next().ok_or("a program begins with the name of its schema")?;
        let schema = Schema::ALL
            .into_iter()
            .find(|known| known.name() == schema)
            .ok_or_else(|| format!("no schema `{schema}`"))?;
        let op = |line: &str| parse(line).ok_or_else(|| format!("no operation: `{line}`"));
        Ok(Program { schema, ops: lines.map(op).collect::<Result<_, _>>()? })
    }
}
