//! Tokens become what is to be done: assignments, commands, expressions.

use serde_json::Value as Json;

use super::token::{Token, tokens};

/// What a line asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    Empty,
    /// A word of its own, and what follows it: `commit`, `describe User`.
    Command(String, Vec<String>),
    /// `add x, y`, `delete x`.
    Verb(String, Vec<Expr>),
    Assign(Expr, Expr),
    Show(Expr),
}

/// Something that has a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Literal(Json),
    Name(String),
    /// What the last line answered.
    Last,
    List(Vec<Expr>),
    Field(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    Call(Box<Expr>, Vec<Argument>),
    Compare(Box<Expr>, Op, Box<Expr>),
    In(Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    /// `User where … order by … limit …`
    Select {
        model: String,
        criterion: Option<Box<Expr>>,
        order: Vec<(Expr, bool)>,
        limit: Option<u64>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Argument {
    pub(super) name: Option<String>,
    pub(super) value: Expr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Like,
}

const COMMANDS: [&str; 11] =
    ["help", "models", "describe", "echo", "commit", "rollback", "flush", "quit", "exit", "from", "import"];

/// So deep may brackets and calls lie in one another.
const DEPTH: usize = 64;

/// Reads a line.
pub(super) fn parse(line: &str) -> Result<Line, String> {
    let tokens = tokens(line)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, sql: false };
    let parsed = parser.line()?;
    parser.eat(";");
    match parser.peek() {
        None => Ok(parsed),
        Some(token) => Err(format!("{} is not expected here", spelled(token))),
    }
}

fn spelled(token: &Token) -> String {
    match token {
        Token::Word(word) | Token::Number(word) => format!("`{word}`"),
        Token::Text(text) => format!("'{text}'"),
        Token::Mark(mark) => format!("`{mark}`"),
    }
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
    /// Inside `where`: a single `=` compares.
    sql: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn mark(&self) -> &str {
        match self.peek() {
            Some(Token::Mark(mark)) => mark,
            _ => "",
        }
    }

    fn word(&self) -> &str {
        match self.peek() {
            Some(Token::Word(word)) => word,
            _ => "",
        }
    }

    fn eat(&mut self, mark: &str) -> bool {
        let found = self.mark() == mark;
        self.at += usize::from(found);
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.word().eq_ignore_ascii_case(word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: &str) -> Result<(), String> {
        if self.eat(mark) {
            return Ok(());
        }
        Err(match self.peek() {
            Some(token) => format!("`{mark}` is expected before {}", spelled(token)),
            None => format!("`{mark}` is missing at the end"),
        })
    }

    fn name(&mut self) -> Result<String, String> {
        let name = self.word().to_owned();
        self.at += 1;
        if name.is_empty() { Err("a name is expected here".to_owned()) } else { Ok(name) }
    }

    fn line(&mut self) -> Result<Line, String> {
        let second = self.tokens.get(1);
        // Whoever calls a variable `add` can still say `add.name`.
        let alone = !matches!(second, Some(Token::Mark("=" | "." | "(")));
        match (self.word(), alone) {
            ("", _) if self.tokens.is_empty() => Ok(Line::Empty),
            ("quit" | "exit", false) if self.tokens[1..] == [Token::Mark("("), Token::Mark(")")] => {
                self.at = self.tokens.len();
                Ok(Line::Command("quit".to_owned(), Vec::new()))
            }
            (command, true) if COMMANDS.contains(&command) => {
                let command = command.to_owned();
                let words = self.tokens[1..].iter().filter_map(|token| match token {
                    Token::Word(word) => Some(word.clone()),
                    _ => None,
                });
                self.at = self.tokens.len();
                Ok(Line::Command(command, words.collect()))
            }
            (verb @ ("add" | "delete"), true) if second.is_some() => {
                let verb = verb.to_owned();
                self.at += 1;
                let mut what = vec![self.expr()?];
                while self.eat(",") {
                    what.push(self.expr()?);
                }
                Ok(Line::Verb(verb, what))
            }
            _ => {
                let first = self.expr()?;
                if self.eat("=") {
                    return Ok(Line::Assign(first, self.expr()?));
                }
                Ok(Line::Show(first))
            }
        }
    }

    fn expr(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(format!("this is more than {DEPTH} deep"));
        }
        let mut left = self.and()?;
        while self.eat_word("or") {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, String> {
        let mut left = self.not()?;
        while self.eat_word("and") {
            left = Expr::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expr, String> {
        if !self.eat_word("not") {
            return self.comparison();
        }
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(format!("this is more than {DEPTH} deep"));
        }
        let not = Expr::Not(Box::new(self.not()?));
        self.depth -= 1;
        Ok(not)
    }

    fn comparison(&mut self) -> Result<Expr, String> {
        let left = self.postfix()?;
        if self.eat_word("is") {
            let op = if self.eat_word("not") { Op::Ne } else { Op::Eq };
            return Ok(Expr::Compare(Box::new(left), op, Box::new(self.postfix()?)));
        }
        if self.eat_word("like") {
            return Ok(Expr::Compare(Box::new(left), Op::Like, Box::new(self.postfix()?)));
        }
        if self.eat_word("in") {
            return Ok(Expr::In(Box::new(left), Box::new(self.postfix()?)));
        }
        let op = match self.mark() {
            "==" => Op::Eq,
            "=" if self.sql => Op::Eq,
            "!=" | "<>" => Op::Ne,
            "<" => Op::Lt,
            "<=" => Op::Le,
            ">" => Op::Gt,
            ">=" => Op::Ge,
            _ => return Ok(left),
        };
        self.at += 1;
        Ok(Expr::Compare(Box::new(left), op, Box::new(self.postfix()?)))
    }

    fn postfix(&mut self) -> Result<Expr, String> {
        let mut expr = if self.mark() == "." { Expr::Last } else { self.primary()? };
        loop {
            if self.eat(".") {
                expr = Expr::Field(Box::new(expr), self.name()?);
            } else if self.eat("[") {
                let index = self.expr()?;
                self.expect("]")?;
                expr = Expr::Index(Box::new(expr), Box::new(index));
            } else if self.eat("(") {
                expr = Expr::Call(Box::new(expr), self.arguments()?);
            } else {
                return Ok(expr);
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<Argument>, String> {
        let mut arguments = Vec::new();
        let sql = std::mem::replace(&mut self.sql, false);
        while !self.eat(")") {
            let named = !self.word().is_empty() && self.tokens.get(self.at + 1) == Some(&Token::Mark("="));
            let name = if named { Some(self.name()?) } else { None };
            if named {
                self.expect("=")?;
            }
            arguments.push(Argument { name, value: self.expr()? });
            if !self.eat(",") {
                self.expect(")")?;
                break;
            }
        }
        self.sql = sql;
        Ok(arguments)
    }

    fn primary(&mut self) -> Result<Expr, String> {
        if self.eat("(") {
            let expr = self.expr()?;
            self.expect(")")?;
            return Ok(expr);
        }
        if self.eat("[") {
            let mut items = Vec::new();
            while !self.eat("]") {
                items.push(self.expr()?);
                if !self.eat(",") {
                    self.expect("]")?;
                    break;
                }
            }
            return Ok(Expr::List(items));
        }
        let negative = self.eat("-");
        let token = self.peek().cloned();
        self.at += 1;
        match token {
            Some(Token::Number(number)) => {
                let number = if negative { format!("-{number}") } else { number };
                let json = serde_json::from_str(&number).map_err(|_| format!("`{number}` is no number"))?;
                Ok(Expr::Literal(json))
            }
            Some(token) if negative => Err(format!("a number is expected before {}", spelled(&token))),
            Some(Token::Text(text)) => Ok(Expr::Literal(text.into())),
            Some(Token::Word(word)) => self.named(word),
            Some(token) => Err(format!("{} is not expected here", spelled(&token))),
            None => Err("the line ends too early".to_owned()),
        }
    }

    fn named(&mut self, word: String) -> Result<Expr, String> {
        Ok(match word.as_str() {
            "true" | "True" => Expr::Literal(true.into()),
            "false" | "False" => Expr::Literal(false.into()),
            "null" | "None" => Expr::Literal(Json::Null),
            "_" => Expr::Last,
            _ => {
                let clause = ["where", "order", "limit"].iter().any(|clause| self.word().eq_ignore_ascii_case(clause));
                match self.peek() {
                    // Models begin in upper case: the `limit` behind a field is that of the select around it.
                    Some(Token::Word(_)) if clause && word.starts_with(char::is_uppercase) => self.select(word)?,
                    // `User 1`: the object with this key
                    Some(Token::Number(_) | Token::Text(_)) if word.starts_with(char::is_uppercase) => {
                        let key = self.primary()?;
                        Expr::Index(Box::new(Expr::Name(word)), Box::new(key))
                    }
                    _ => Expr::Name(word),
                }
            }
        })
    }

    fn select(&mut self, model: String) -> Result<Expr, String> {
        let sql = std::mem::replace(&mut self.sql, true);
        let criterion = if self.eat_word("where") { Some(Box::new(self.expr()?)) } else { None };
        let mut order = Vec::new();
        if self.eat_word("order") {
            if !self.eat_word("by") {
                return Err("`by` is expected behind `order`".to_owned());
            }
            loop {
                let by = self.postfix()?;
                let descending = self.eat_word("desc");
                if !descending {
                    self.eat_word("asc");
                }
                order.push((by, descending));
                if !self.eat(",") {
                    break;
                }
            }
        }
        let limit = if self.eat_word("limit") {
            match self.peek() {
                Some(Token::Number(number)) => {
                    let limit = number.parse().map_err(|_| format!("`{number}` is no limit"))?;
                    self.at += 1;
                    Some(limit)
                }
                _ => return Err("a number is expected behind `limit`".to_owned()),
            }
        } else {
            None
        };
        self.sql = sql;
        Ok(Expr::Select { model, criterion, order, limit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said() {
        for (line, said) in [
            ("User(", "the line ends too early"),
            ("User(name='x'", "`)` is missing at the end"),
            ("a b", "`b` is not expected here"),
            ("= 1", "`=` is not expected here"),
            ("a = ", "the line ends too early"),
            ("User order name", "`by` is expected behind `order`"),
            ("User limit x", "a number is expected behind `limit`"),
            ("a.", "a name is expected here"),
            ("- x", "a number is expected before `x`"),
            ("1 2", "`2` is not expected here"),
        ] {
            assert_eq!(parse(line).unwrap_err(), said, "{line}");
        }
        assert!(parse(&"(".repeat(100_000)).unwrap_err().contains("deep"));
        assert!(parse(&"not ".repeat(100_000)).unwrap_err().contains("deep"));
        assert!(parse(&format!("x{}", "(x".repeat(100_000))).unwrap_err().contains("deep"));
    }

    #[test]
    fn what_is_what() {
        let name = |name: &str| Expr::Name(name.to_owned());
        assert_eq!(parse("commit"), Ok(Line::Command("commit".into(), vec![])));
        assert_eq!(parse("describe User"), Ok(Line::Command("describe".into(), vec!["User".into()])));
        assert_eq!(parse("delete x"), Ok(Line::Verb("delete".into(), vec![name("x")])));
        assert_eq!(parse("  # nothing"), Ok(Line::Empty));
        assert_eq!(parse("x = y"), Ok(Line::Assign(name("x"), name("y"))));
        assert!(matches!(
            parse("User where a = 1 and not b like 'x%' order by c desc, d limit 3"),
            Ok(Line::Show(Expr::Select { limit: Some(3), .. }))
        ));
        assert!(matches!(parse(".posts"), Ok(Line::Show(Expr::Field(last, _))) if *last == Expr::Last));
    }
}
