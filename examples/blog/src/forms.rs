//! Forms: what was typed, and what is wrong with it.

use std::collections::BTreeMap;

/// The fields of a form, as they were sent.
#[derive(Debug, Clone, Default)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Of a field that was sent twice, the last one counts. A NUL has no place in a text.
    #[must_use]
    pub fn new(fields: Vec<(String, String)>) -> Fields {
        Fields(fields.into_iter().map(|(name, text)| (name, text.replace('\0', ""))).collect())
    }

    /// What was typed; nothing where the field was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// What is wrong with a form, in the order of its fields.
#[derive(Debug, Clone, Default)]
pub struct Mistakes(Vec<(&'static str, String)>);

impl Mistakes {
    /// Nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with this field; nothing where it is fine.
    #[must_use]
    pub fn of(&self, field: &str) -> &str {
        self.0.iter().find(|(with, _)| *with == field).map_or("", |(_, text)| text.as_str())
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(field, text)| (*field, text.as_str()))
    }

    /// The first mistake of a field stands.
    pub fn add(&mut self, field: &'static str, text: impl Into<String>) {
        if self.of(field).is_empty() {
            self.0.push((field, text.into()));
        }
    }

    fn check(&mut self, wrong: bool, field: &'static str, text: impl Into<String>) {
        if wrong {
            self.add(field, text);
        }
    }
}

/// Text that is there, and not too long.
fn text(mistakes: &mut Mistakes, fields: &Fields, field: &'static str, name: &str, max: usize) -> String {
    // Browsers end lines with CR LF.
    let text = fields.get(field).replace("\r\n", "\n").trim().to_owned();
    mistakes.check(text.is_empty(), field, format!("{name} is missing."));
    let length = text.chars().count();
    mistakes.check(length > max, field, format!("{name} has {length} characters; {max} is the most."));
    text
}

/// A name and a password, to sign up or log in.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

impl Credentials {
    /// What is sent to log in: whatever it is, it is right or wrong.
    #[must_use]
    pub fn given(fields: &Fields) -> Credentials {
        Credentials { username: fields.get("username").trim().to_owned(), password: fields.get("password").to_owned() }
    }

    /// What is sent to sign up.
    #[must_use]
    pub fn checked(fields: &Fields) -> (Credentials, Mistakes) {
        let mut mistakes = Mistakes::default();
        let username = text(&mut mistakes, fields, "username", "The name", 40);
        let unusual = |letter: char| !letter.is_alphanumeric() && !matches!(letter, '-' | '_' | '.');
        let wrong = username.contains(unusual);
        mistakes.check(wrong, "username", "A name has letters, digits, dots, hyphens and underscores.");
        let password = fields.get("password").to_owned();
        let length = password.chars().count();
        mistakes.check(length < 8, "password", "The password is too short: 8 characters are the least.");
        mistakes.check(length > 200, "password", "The password is too long: 200 characters are the most.");
        (Credentials { username, password }, mistakes)
    }
}

/// A post, as it is typed.
#[derive(Debug, Clone, Default)]
pub struct PostForm {
    pub title: String,
    pub content: String,
    /// With commas between them.
    pub tags: String,
}

/// So many tags has a post at most.
const TAGS: usize = 8;

impl PostForm {
    /// What was typed, and what is wrong with it.
    #[must_use]
    pub fn checked(fields: &Fields) -> (PostForm, Mistakes) {
        let mut mistakes = Mistakes::default();
        let title = text(&mut mistakes, fields, "title", "The title", 200).replace('\n', " ");
        let content = text(&mut mistakes, fields, "content", "The text", 20_000);
        let form = PostForm { title, content, tags: fields.get("tags").trim().to_owned() };
        let names = form.tag_names();
        let long = names.iter().find(|name| name.chars().count() > 30);
        mistakes.check(long.is_some(), "tags", "A tag has 30 characters at most.");
        mistakes.check(names.len() > TAGS, "tags", format!("{TAGS} tags are the most."));
        (form, mistakes)
    }

    /// The tags, in lower case and once each.
    #[must_use]
    pub fn tag_names(&self) -> Vec<String> {
        let clean = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let mut names: Vec<String> = self.tags.split(',').map(clean).filter(|name| !name.is_empty()).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// One longer text: a comment, or what somebody says about themselves.
#[must_use]
pub fn one_text(fields: &Fields, field: &'static str, name: &str) -> (String, Mistakes) {
    let mut mistakes = Mistakes::default();
    let text = text(&mut mistakes, fields, field, name, 2000);
    (text, mistakes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(fields: &[(&str, &str)]) -> Fields {
        Fields::new(fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn tags_are_cleaned() {
        let names = |tags| PostForm::checked(&fields(&[("tags", tags)])).0.tag_names();
        assert_eq!(names(" Rust, rust ,,  Web  Stuff,RUST "), ["rust", "web stuff"]);
        assert_eq!(names(""), [""; 0]);
    }

    #[test]
    fn every_mistake_is_told() {
        let (_, mistakes) = PostForm::checked(&fields(&[("title", " \r\n "), ("tags", "1,2,3,4,5,6,7,8,9")]));
        let told: Vec<&str> = mistakes.all().map(|(field, _)| field).collect();
        assert_eq!(told, ["title", "content", "tags"]);
        let (_, mistakes) = PostForm::checked(&fields(&[("title", &"x".repeat(201)), ("content", "x")]));
        assert_eq!(mistakes.of("title"), "The title has 201 characters; 200 is the most.");
        let (_, mistakes) = Credentials::checked(&fields(&[("username", "<b>"), ("password", "short")]));
        assert!(!mistakes.of("username").is_empty() && !mistakes.of("password").is_empty());
        assert!(Credentials::checked(&fields(&[("username", "Zoë.1"), ("password", "long enough")])).1.is_empty());
    }
}
