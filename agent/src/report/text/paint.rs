//! Colours, or none.

/// How text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether words are coloured (ECMA-48, "Select Graphic Rendition").
    pub colour: bool,
}

/// What a word is painted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Bold,
    Dim,
    Cyan,
    Yellow,
    Red,
    /// White on red.
    Alarm,
}

impl Style {
    /// For files and pipes.
    pub const PLAIN: Self = Self { colour: false };

    pub(super) fn paint(self, paint: Paint, word: &str) -> String {
        if self.colour { format!("\x1b[{}m{word}\x1b[0m", paint.code()) } else { word.to_owned() }
    }
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Cyan => "36",
            Self::Yellow => "33",
            Self::Red => "31",
            Self::Alarm => "1;37;41",
        }
    }
}
