//! Rust source as tokens with their lines: what is left when comments, white space and tests are gone.
//!
//! Not a parser: it knows just enough not to take a comment, a string or a lifetime for code.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or keyword; `r#type` is `type`.
    Word,
    /// A string literal of any sort, by its content as written.
    Text,
    /// A character or byte literal, a lifetime, a number: nothing that a rule reads.
    Other,
    /// `::`, or a single character.
    Mark,
}

/// A token and the lines it covers, counted from 1.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) last_line: usize,
}

impl Token {
    /// Whether this is that word or mark (never a string that reads the same).
    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Mark) && self.text == text
    }
}

/// The tokens of a source, comments left out.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader { chars: source.chars().collect(), at: 0, line: 1 };
    let mut found = Vec::new();
    while let Some(token) = reader.next_token() {
        found.push(token);
    }
    found
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    line: usize,
}

impl Reader {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn done(&self) -> bool {
        self.at >= self.chars.len()
    }

    fn step(&mut self) {
        if self.peek(0) == '\n' {
            self.line += 1;
        }
        self.at += 1;
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.step();
        }
    }

    fn taken(&self, from: usize) -> String {
        self.chars[from..self.at.min(self.chars.len())].iter().collect()
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while !self.done() && wanted(self.peek(0)) {
            self.step();
        }
    }

    fn next_token(&mut self) -> Option<Token> {
        self.skip_blanks_and_comments();
        if self.done() {
            return None;
        }
        let line = self.line;
        let (kind, text) = match self.peek(0) {
            '"' => (Kind::Text, self.string()),
            '\'' => (Kind::Other, self.char_or_lifetime()),
            first if first.is_ascii_digit() => {
                self.skip_while(is_name);
                (Kind::Other, String::new())
            }
            first if is_name(first) => self.word_or_prefixed_literal(),
            ':' if self.peek(1) == ':' => {
                self.skip(2);
                (Kind::Mark, "::".to_owned())
            }
            mark => {
                self.step();
                (Kind::Mark, mark.to_string())
            }
        };
        Some(Token { kind, text, line, last_line: self.line })
    }

    fn skip_blanks_and_comments(&mut self) {
        loop {
            self.skip_while(char::is_whitespace);
            match (self.peek(0), self.peek(1)) {
                ('/', '/') => self.skip_while(|next| next != '\n'),
                ('/', '*') => self.skip_block_comment(),
                _ => return,
            }
        }
    }

    /// Block comments nest in Rust.
    fn skip_block_comment(&mut self) {
        let mut depth = 0;
        while !self.done() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    self.step();
                    continue;
                }
            }
            self.skip(2);
            if depth == 0 {
                return;
            }
        }
    }

    /// A string that may have escapes, from its opening quote on.
    fn string(&mut self) -> String {
        self.step();
        let from = self.at;
        while !self.done() && self.peek(0) != '"' {
            self.skip(if self.peek(0) == '\\' { 2 } else { 1 });
        }
        let text = self.taken(from);
        self.step();
        text
    }

    /// A raw string, from its first `#` or its quote on.
    fn raw_string(&mut self, hashes: usize) -> String {
        self.skip(hashes + 1);
        let from = self.at;
        let closes = |reader: &Self| reader.peek(0) == '"' && (1..=hashes).all(|ahead| reader.peek(ahead) == '#');
        while !self.done() && !closes(self) {
            self.step();
        }
        let text = self.taken(from);
        self.skip(hashes + 1);
        text
    }

    /// `'a'` and `'\n'` are characters, `'a` is a lifetime.
    fn char_or_lifetime(&mut self) -> String {
        self.step();
        if self.peek(0) == '\\' {
            self.skip(2);
            self.skip_while(|next| next != '\'');
            self.step();
        } else if self.peek(1) == '\'' {
            self.skip(2);
        } else {
            self.skip_while(is_name);
        }
        String::new()
    }

    /// A name, or a literal that a name leads: `r"…"`, `br#"…"#`, `b'x'`, `c"…"`, `r#type`.
    fn word_or_prefixed_literal(&mut self) -> (Kind, String) {
        let from = self.at;
        self.skip_while(is_name);
        let word = self.taken(from);
        let hashes = (0..).take_while(|&ahead| self.peek(ahead) == '#').count();
        let raw = matches!(word.as_str(), "r" | "br" | "cr");
        if raw && self.peek(hashes) == '"' {
            return (Kind::Text, self.raw_string(hashes));
        }
        match (word.as_str(), self.peek(0)) {
            ("b" | "c", '"') => (Kind::Text, self.string()),
            ("b", '\'') => (Kind::Other, self.char_or_lifetime()),
            ("r", '#') if hashes == 1 => {
                self.step();
                let from = self.at;
                self.skip_while(is_name);
                (Kind::Word, self.taken(from))
            }
            _ => (Kind::Word, word),
        }
    }
}

fn is_name(next: char) -> bool {
    next == '_' || next.is_alphanumeric()
}
