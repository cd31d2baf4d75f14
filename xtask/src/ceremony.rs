//! Counts ceremony: the 27 blocks of code of the introductions, ours against the originals, and words that have no place in
//! what newcomers read.
//!
//! A line counts when it says something: blank lines, comments and lines of nothing but brackets do not. An attribute
//! counts with what it stands on, as the arguments of a Python column do.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Our blocks, each under a heading that begins with its number.
const BLOCKS: &str = "docs/guide/10-from-sqlalchemy.md";

/// Each block and how many lines its original has, counted in the same way.
const ORIGINALS: [(&str, usize); 27] = [
    ("1.1", 10),
    ("1.2", 10),
    ("1.3", 7),
    ("1.4", 7),
    ("1.5", 4),
    ("1.6", 1),
    ("1.7", 1),
    ("1.8", 5),
    ("2.1", 9),
    ("2.2", 9),
    ("2.3", 7),
    ("2.4", 6),
    ("2.5", 2),
    ("3.1", 6),
    ("3.2", 24),
    ("3.3", 6),
    ("4.1", 15),
    ("4.2", 3),
    ("4.3", 4),
    ("4.4", 1),
    ("4.5", 24),
    ("4.6", 4),
    ("4.7", 6),
    ("4.8", 3),
    ("4.9", 19),
    ("4.10", 5),
    ("4.11", 3),
];

/// What newcomers read: no word of these may be needed there.
const READ: [&str; 3] = ["README.md", "docs/guide", "crates/realgar/examples/tour"];
const WORDS: [&str; 3] = [".into()", "..default()", "unwrap"];

/// Prints the count and says what is wrong with it.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let blocks = blocks(&read(&root.join(BLOCKS))?);
    let mut problems = Vec::new();
    println!("block  original  ours  ratio   (in print: with attributes, brackets, comments)");
    let (mut originals, mut all, mut printed) = (0, 0, 0);
    for (id, original) in ORIGINALS {
        let Some(block) = blocks.iter().find(|block| block.id == id) else {
            problems.push(format!("{BLOCKS} has no block {id}"));
            continue;
        };
        let (ours, print) = (lines(&block.code), block.code.lines().count());
        println!("{id:<6} {original:>8} {ours:>5} {:>6.2}   {print}", ratio(ours, original));
        // A block has whole lines: three may become four.
        if ours > (original * 5).div_ceil(4) {
            problems.push(format!("block {id}: {ours} lines for {original}, more than 1.25 times as many"));
        }
        originals += original;
        all += ours;
        printed += print;
    }
    println!("all    {originals:>8} {all:>5} {:>6.2}   {printed}", ratio(all, originals));
    if all * 4 > originals * 5 {
        problems.push(format!("all blocks: {all} lines for {originals}, more than 1.25 times as many"));
    }
    for path in READ.iter().flat_map(|path| files(&root.join(path))) {
        problems.extend(words(&path, &read(&path)?));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

#[allow(clippy::cast_precision_loss)] // some tens of lines
fn ratio(ours: usize, original: usize) -> f64 {
    ours as f64 / original as f64
}

struct Block {
    id: String,
    code: String,
}

/// The code under each heading of the third level.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            let id = heading.split(' ').next().unwrap_or_default().to_owned();
            blocks.push(Block { id, code: String::new() });
        } else if line.starts_with("```") {
            inside = line == "```rust";
        } else if let (true, Some(block)) = (inside, blocks.last_mut()) {
            block.code.push_str(line);
            block.code.push('\n');
        }
    }
    blocks
}

/// How many lines say something.
fn lines(code: &str) -> usize {
    let says = |line: &&str| {
        let line = line.trim();
        let comment = line.starts_with("//");
        let attribute = line.starts_with("#[") && line.ends_with(']');
        !comment && !attribute && line.chars().any(|letter| !"{}()[];, ".contains(letter))
    };
    code.lines().filter(says).count()
}

/// The forbidden words in a file's code: in a page, in its blocks; in a program, outside comments.
fn words(path: &Path, text: &str) -> Vec<String> {
    let page = path.extension().is_some_and(|extension| extension == "md");
    let mut inside = !page;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if page && line.starts_with("```") {
            inside = line == "```rust";
        } else if inside && !line.trim_start().starts_with("//") {
            let word = WORDS.iter().find(|word| line.contains(**word));
            found.extend(word.map(|word| format!("{}:{}: `{word}` in what newcomers read", path.display(), index + 1)));
        }
    }
    found
}

/// A file, or the pages and programs of a folder at any depth.
fn files(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else { return vec![path.to_owned()] };
    let mut found: Vec<PathBuf> = entries.flatten().flat_map(|entry| files(&entry.path())).collect();
    found.retain(|file| file.extension().is_some_and(|extension| extension == "md" || extension == "rs"));
    found.sort();
    found
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_say_something_are_counted() {
        let check = |code: &str, expected| assert_eq!(lines(code), expected, "{code}");
        check("", 0);
        check("// why\n\nlet a = 1;\n", 1);
        check("#[derive(Model)]\nstruct User {\n    #[column(primary_key)]\n    id: i64,\n}\n", 2);
        check("for a in b {\n    c();\n})?;\n", 3);
        check("    ]),\n});\n", 0);
    }

    #[test]
    fn a_block_is_what_stands_under_its_heading() {
        let page =
            "```rust\nbefore\n```\n### 1.1 One\n```rust\na\nb\n```\n```text\nno\n```\n### 1.10 Ten\n```rust\nc\n```\n";
        let found: Vec<(String, String)> = blocks(page).into_iter().map(|block| (block.id, block.code)).collect();
        assert_eq!(found, [("1.1".into(), "a\nb\n".into()), ("1.10".into(), "c\n".into())]);
    }

    #[test]
    fn words_are_found_in_code_alone() {
        let page = Path::new("a.md");
        assert!(words(page, "unwrap\n```text\nunwrap\n```\n").is_empty());
        assert_eq!(words(page, "```rust\nx.unwrap()\n```\n"), ["a.md:2: `unwrap` in what newcomers read"]);
        let program = Path::new("a.rs");
        assert_eq!(words(program, "// unwrap\nlet a: A = b.into();\n").len(), 1);
    }
}
