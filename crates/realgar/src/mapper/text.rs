//! A text that is put together while compiling.

/// The longest text; what is longer is cut, which takes names of a hundred letters.
const MOST: usize = 1_000;

/// A text that can be put together while compiling.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    bytes: [u8; MOST],
    length: usize,
}

impl Text {
    pub(super) const EMPTY: Text = Text { bytes: [0; MOST], length: 0 };

    /// The parts, one behind the other.
    pub(super) const fn of(parts: &[&str]) -> Text {
        Text::EMPTY.with(parts)
    }

    /// This text and more parts behind it.
    pub(super) const fn with(mut self, parts: &[&str]) -> Text {
        let mut index = 0;
        while index < parts.len() {
            self = self.and(parts[index]);
            index += 1;
        }
        self
    }

    /// This text and a part behind it.
    pub(super) const fn and(mut self, part: &str) -> Text {
        let part = part.as_bytes();
        let mut index = 0;
        while index < part.len() && self.length < MOST {
            self.bytes[self.length] = part[index];
            self.length += 1;
            index += 1;
        }
        self
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(super) const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.length);
        match std::str::from_utf8(text) {
            Ok(text) => text,
            // Cut in the middle of a letter.
            Err(error) => match std::str::from_utf8(text.split_at(error.valid_up_to()).0) {
                Ok(text) => text,
                Err(_) => "",
            },
        }
    }
}
