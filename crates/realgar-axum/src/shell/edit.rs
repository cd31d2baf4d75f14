//! The line editor, and what completes names by Tab; lines from a pipe.

use std::{
    io::{self, BufRead, Write},
    sync::{Arc, Mutex, PoisonError},
};

use realgar::{Error, Kind, ModelDesc, Result, dynamic::AnyColumn};
use rustyline::{
    Config, Context, Editor, Helper,
    completion::Completer,
    error::ReadlineError,
    highlight::Highlighter,
    hint::Hinter,
    history::MemHistory,
    validate::{ValidationContext, ValidationResult, Validator},
};

use super::{
    Shell, hint,
    value::{Object, Val},
};

/// What can be completed, known anew after each line.
#[derive(Debug, Default)]
struct Names {
    /// What can stand alone: commands, models, variables.
    words: Vec<String>,
    /// What can stand behind a point: of whom, and what.
    fields: Vec<(String, Vec<String>)>,
}

const WORDS: [&str; 20] = [
    "add",
    "and",
    "commit",
    "db.session.add_all([",
    "db.session.commit()",
    "delete",
    "describe",
    "echo",
    "flush",
    "help",
    "in",
    "like",
    "limit",
    "models",
    "not",
    "order by",
    "print(",
    "quit",
    "rollback",
    "where",
];
const METHODS: [&str; 8] = ["all()", "any(", "append(", "count()", "first()", "query", "remove(", "filter_by("];

#[derive(Debug, Default, Clone)]
struct Completion(Arc<Mutex<Names>>);

impl Completion {
    /// Where the word before the cursor begins, and how it can go on.
    fn find(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = &line[..cursor];
        let word = |text: &str| {
            let parts = text.char_indices().rev().take_while(|(_, letter)| letter.is_alphanumeric() || *letter == '_');
            parts.last().map_or(text.len(), |(at, _)| at)
        };
        let start = word(before);
        let begun = &before[start..];
        let starting = |words: &mut dyn Iterator<Item = String>| -> Vec<String> {
            words.filter(|word| word.starts_with(begun)).collect()
        };
        let Some(owner) = before[..start].strip_suffix('.') else {
            return (start, starting(&mut names.words.iter().cloned()));
        };
        // A line that begins with a point goes on from the last answer, `_`.
        let owner = if owner.trim().is_empty() { "_" } else { &owner[word(owner)..] };
        let of_owner = names.fields.iter().find(|(name, _)| name == owner).map(|(_, fields)| fields.clone());
        // Whose field it is, is known where a model or a variable stands before it; else it may be anybody's.
        let fields = of_owner.unwrap_or_else(|| {
            let mut all: Vec<String> = names.fields.iter().flat_map(|(_, fields)| fields.clone()).collect();
            all.sort();
            all.dedup();
            all
        });
        (start, starting(&mut fields.into_iter()))
    }
}

impl Completer for Completion {
    type Candidate = String;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.find(line, cursor))
    }
}
impl Hinter for Completion {
    type Hint = String;
}
impl Highlighter for Completion {}
impl Validator for Completion {
    fn validate(&self, typed: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let open = hint::is_open(typed.input());
        Ok(if open { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}
impl Helper for Completion {}

fn names(shell: &Shell) -> Names {
    let fields = |model: &'static ModelDesc| -> Vec<String> {
        let columns = AnyColumn::all(model).map(|column| column.field().to_owned());
        let relationships = shell.db.relationships(model).unwrap_or_default();
        let relationships = relationships.into_iter().map(|found| found.name.to_owned());
        columns.chain(relationships).chain(METHODS.map(str::to_owned)).collect()
    };
    let models = shell.db.models();
    let mut names = Names::default();
    names.words.extend(WORDS.map(str::to_owned));
    names.words.extend(models.iter().map(|model| model.name().to_owned()));
    names.words.extend(shell.variables.keys().cloned());
    names.words.extend(models.iter().flat_map(|model| model.fields).map(|field| (*field).to_owned()));
    names.words.sort();
    names.words.dedup();
    names.fields.extend(models.iter().map(|model| (model.name().to_owned(), fields(model))));
    let last = ("_".to_owned(), shell.last.clone());
    for (name, value) in shell.variables.clone().into_iter().chain([last]) {
        names.fields.extend(model_of(shell, &value).map(|model| (name, fields(model))));
    }
    names
}

/// Whose fields stand behind this value.
fn model_of(shell: &Shell, value: &Val) -> Option<&'static ModelDesc> {
    match value {
        Val::Object(Object::Known(object)) => Some(object.model()),
        Val::Object(Object::Draft(draft)) => Some(shell.drafts[*draft].model),
        Val::Query(model, _) => Some(model),
        Val::List(items) => model_of(shell, items.first()?),
        _ => None,
    }
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::new(Kind::Operational, format!("the terminal cannot be read: {error}"))
}

/// Lines from a terminal. Nothing of them is kept in a file: they may hold passwords.
pub(super) async fn interactive(shell: &mut Shell) -> Result<()> {
    let completion = Completion::default();
    let config = Config::builder().max_history_size(1_000).map_err(unreadable)?.build();
    let mut editor: Editor<Completion, MemHistory> =
        Editor::with_history(config.clone(), MemHistory::with_config(&config)).map_err(unreadable)?;
    editor.set_helper(Some(completion.clone()));
    println!("{} models; `help` says what there is", shell.db.models().len());
    loop {
        *completion.0.lock().unwrap_or_else(PoisonError::into_inner) = names(shell);
        // The editor waits for keys in a thread of its own: the session's runtime goes on.
        let reading = tokio::task::spawn_blocking(move || {
            let line = editor.readline(">>> ");
            (editor, line)
        });
        let line;
        (editor, line) = reading.await.map_err(unreadable)?;
        let line = match line {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(unreadable(error)),
        };
        let _ = editor.add_history_entry(&line);
        let mut begun = String::new();
        for line in line.lines() {
            // Several lines at once were pasted.
            if !take(shell, &mut begun, line).await {
                return leave(shell).await;
            }
        }
        if !begun.is_empty() && !answer(shell, &begun).await {
            break;
        }
    }
    leave(shell).await
}

/// Lines from a pipe.
pub(super) async fn piped(shell: &mut Shell) -> Result<()> {
    let (sender, mut lines) = tokio::sync::mpsc::channel(16);
    tokio::task::spawn_blocking(move || {
        for line in io::stdin().lock().split(b'\n') {
            let Ok(line) = line else { break };
            if sender.blocking_send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                break;
            }
        }
    });
    let mut begun = String::new();
    while let Some(line) = lines.recv().await {
        if !take(shell, &mut begun, &line).await {
            return leave(shell).await;
        }
    }
    if !begun.is_empty() {
        answer(shell, &begun).await;
    }
    leave(shell).await
}

/// Takes in one more line, and does what was begun once no bracket is open; whether there is more to come.
async fn take(shell: &mut Shell, begun: &mut String, line: &str) -> bool {
    begun.push_str(hint::without_prompt(line));
    begun.push('\n');
    hint::is_open(begun) || answer(shell, &std::mem::take(begun)).await
}

/// Whether there is more to come.
async fn answer(shell: &mut Shell, line: &str) -> bool {
    let answer = shell.run(line).await;
    let mut out = io::stdout();
    // A closed standard output (`| head`) ends the shell.
    let written = out.write_all(answer.text.as_bytes()).and_then(|()| out.flush());
    !answer.over && written.is_ok()
}

async fn leave(shell: &mut Shell) -> Result<()> {
    if shell.has_changes() {
        println!("what was not committed is rolled back");
    }
    shell.session.close().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed() {
        let fields = vec![("User".to_owned(), vec!["name".to_owned(), "posts".to_owned()])];
        let words = ["User", "where", "ada"].map(str::to_owned).to_vec();
        let completion = Completion(Arc::new(Mutex::new(Names { words, fields })));
        let find = |line: &str| completion.find(line, line.len());
        assert_eq!(find("Us"), (0, vec!["User".to_owned()]));
        assert_eq!(find("User wh"), (5, vec!["where".to_owned()]));
        assert_eq!(find("User.po"), (5, vec!["posts".to_owned()]));
        assert_eq!(find("x.n"), (2, vec!["name".to_owned()]));
        assert_eq!(find(".p"), (1, vec!["posts".to_owned()]));
        assert_eq!(find("x[0].p"), (5, vec!["posts".to_owned()]));
        assert_eq!(find("é.n"), (3, vec!["name".to_owned()]));
        assert_eq!(find("zz"), (0, vec![]));
    }
}
