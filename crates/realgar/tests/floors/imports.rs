//! Which rooms a file names, and whether they lie below it.

use crate::{
    rules::{Rule, Violation},
    source::Source,
    tokens::{Kind, Token},
};

/// The rooms, floor by floor from the ground up. Rooms of one floor may import one another.
const FLOORS: &[&[&str]] = &[
    &["value", "error"],
    &["schema"],
    &["sql"],
    &["driver"],
    &["mapper"],
    &["query"],
    &["identity"],
    &["load"],
    &["flush"],
    &["session"],
];

/// Files beside the rooms: what the crate shows to its users, made of all floors.
const OUTSIDE: &[&str] = &["prelude", "macros"];

/// The room that a file of the library belongs to; `None` for the files beside the rooms and for other crates.
pub(crate) fn room(source: &Source) -> Option<&str> {
    source.module()?.first().copied().filter(|name| !OUTSIDE.contains(name))
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// What a file imports that does not lie on its own floor or below.
pub(crate) fn check(source: &Source, found: &mut Vec<Violation>) {
    let Some(room) = room(source) else { return };
    let Some(own) = floor(room) else {
        let what = format!("`{room}` is no room: give it a floor in the test `floors`, or move the file into a room");
        return found.push(Violation::new(source, 1, Rule::Floors, what));
    };
    for (line, name) in imports(source) {
        let what = match floor(&name) {
            Some(other) if other <= own => continue,
            Some(other) => format!("`{room}` (floor {own}) imports `{name}` (floor {other}), which lies above it"),
            None => format!("`{room}` names `{name}` by the crate root, which hides its floor: name it by its room"),
        };
        let violation = Violation::new(source, line, Rule::Floors, what);
        if !found.contains(&violation) {
            found.push(violation);
        }
    }
}

/// What the file's paths name at the crate root, with the line: a room, or something that should not be there.
fn imports(source: &Source) -> Vec<(usize, String)> {
    let tokens = &source.code;
    let mut found = Vec::new();
    let mut modules = Modules::new(source.module().unwrap_or_default());
    let mut at = 0;
    while at < tokens.len() {
        modules.step(tokens, at);
        if !starts_path(tokens, at) {
            at += 1;
            continue;
        }
        let mut paths = Vec::new();
        at = read_paths(tokens, at, &[], &mut paths).max(at + 1);
        found.extend(paths.iter().filter_map(|path| at_root(path, &modules.names())));
    }
    found
}

/// The modules around a token: the file's own, then the inline ones.
struct Modules<'s> {
    file: Vec<&'s str>,
    /// Inline modules with the depth of braces at which each ends.
    inline: Vec<(usize, &'s str)>,
    depth: usize,
}

impl<'s> Modules<'s> {
    fn new(file: Vec<&'s str>) -> Self {
        Modules { file, inline: Vec::new(), depth: 0 }
    }

    fn step(&mut self, tokens: &'s [Token], at: usize) {
        if tokens[at].is("{") {
            if let Some([word, name]) = at.checked_sub(2).map(|from| &tokens[from..at])
                && word.is("mod")
            {
                self.inline.push((self.depth, &name.text));
            }
            self.depth += 1;
        } else if tokens[at].is("}") {
            self.depth = self.depth.saturating_sub(1);
            self.inline.pop_if(|(end, _)| *end == self.depth);
        }
    }

    fn names(&self) -> Vec<&'s str> {
        self.file.iter().copied().chain(self.inline.iter().map(|(_, name)| *name)).collect()
    }
}

/// Whether a path starts here that can reach the crate root: `crate::…`, `super::…`, `realgar::…`, or one of them renamed.
fn starts_path(tokens: &[Token], at: usize) -> bool {
    let before = |back: usize, text: &str| at.checked_sub(back).is_some_and(|at| tokens[at].is(text));
    let next = |text: &str| tokens.get(at + 1).is_some_and(|token| token.is(text));
    let root = ["crate", "super", "self", "realgar"].iter().any(|word| tokens[at].is(word));
    let visibility = before(1, "in") && before(2, "(");
    // In `other::realgar::x` the word is a segment like any other; in `::realgar::x` it is the crate.
    let inside_path =
        before(1, "::") && at.checked_sub(2).is_some_and(|at| tokens[at].kind == Kind::Word && !tokens[at].is("use"));
    let renamed = !tokens[at].is("self") && next("as");
    let extern_self = tokens[at].is("crate") && next("self");
    root && !visibility && !inside_path && (next("::") || renamed || extern_self)
}

/// Every full path of the path or use-tree that starts here; answers where it ends.
fn read_paths<'t>(tokens: &'t [Token], mut at: usize, prefix: &[&'t Token], found: &mut Vec<Vec<&'t Token>>) -> usize {
    let mut path = prefix.to_vec();
    while let Some(token) = tokens.get(at) {
        if token.is("{") {
            return read_tree(tokens, at + 1, &path, found);
        }
        if token.kind != Kind::Word && !token.is("*") {
            break;
        }
        path.push(token);
        at += 1;
        if !tokens.get(at).is_some_and(|token| token.is("::")) {
            break;
        }
        at += 1;
    }
    found.push(path);
    at
}

/// The branches of a use-tree from behind its `{` to behind its `}`.
fn read_tree<'t>(tokens: &'t [Token], mut at: usize, prefix: &[&'t Token], found: &mut Vec<Vec<&'t Token>>) -> usize {
    while let Some(token) = tokens.get(at) {
        if token.is("}") {
            return at + 1;
        }
        if token.is(",") {
            at += 1;
        } else if token.is("as") {
            at += 2;
        } else {
            at = read_paths(tokens, at, prefix, found).max(at + 1);
        }
    }
    at
}

/// What a path names at the crate root, and in which line; `None` for a path that stays inside its room.
fn at_root(path: &[&Token], module: &[&str]) -> Option<(usize, String)> {
    let mut place = module.to_vec();
    for segment in path {
        match segment.text.as_str() {
            "crate" => place.clear(),
            "self" => {}
            "super" => {
                place.pop();
            }
            // The crate's own outer name is a way around its rooms.
            "realgar" if std::ptr::eq(*segment, path[0]) => {
                return Some((segment.line, "realgar".to_owned()));
            }
            name if place.is_empty() => return Some((segment.line, name.to_owned())),
            _ => return None,
        }
    }
    let last = path.last()?;
    place.is_empty().then(|| (last.line, last.text.clone()))
}
