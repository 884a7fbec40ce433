//! What is known of the image that a container was made from.

use policy::Known;

/// A runtime that does not tell is asked no more often than this about one container.
const ASKED_MAX: u8 = 5;
/// Digests kept of one image, beside the one that is wanted.
const OTHERS_MAX: usize = 8;
/// A reference has 255 bytes at most, and a digest 71 (distribution/reference, `NameTotalLengthMax`).
const REFERENCE_MAX: usize = 512;

/// Asked for once, since the image of a container never changes; what its Pod declares may, while the container that was
/// made from the earlier image still ends. So the answer holds for the digest that was pinned when it was asked for.
#[derive(Debug, Default)]
pub(super) struct Image {
    wanted: Box<str>,
    asked: u8,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Untold,
    Asked,
    Told(Box<[String]>),
    /// It was told in more words than are kept.
    TooLong,
}

impl Image {
    pub(super) fn digests(&mut self, wanted: &str, ask: impl FnOnce() -> bool) -> Known<Vec<String>> {
        if self.wanted.is_empty() {
            self.wanted = wanted.into();
        }
        match &self.state {
            State::Told(digests) if *self.wanted == *wanted => digests.to_vec().into(),
            State::Untold if *self.wanted == *wanted && self.asked < ASKED_MAX => {
                self.asked += 1;
                if ask() {
                    self.state = State::Asked;
                }
                Known::Unknown
            }
            _ => Known::Unknown,
        }
    }

    /// Takes an answer in. True if something is known now.
    pub(super) fn told(&mut self, digests: Option<Vec<String>>) -> bool {
        self.state = digests.map_or(State::Untold, |digests| self.kept(digests));
        matches!(self.state, State::Told(_))
    }

    /// The one that is wanted is enough where it is among them.
    fn kept(&self, mut digests: Vec<String>) -> State {
        let is_wanted = |reference: &String| reference.ends_with(&*self.wanted);
        if let Some(index) = digests.iter().position(is_wanted) {
            digests = vec![digests.swap_remove(index)];
        }
        match digests.iter().any(|reference| reference.len() > REFERENCE_MAX) {
            true => State::TooLong,
            false => {
                digests.truncate(OTHERS_MAX);
                State::Told(digests.into())
            }
        }
    }

    /// Whether it may be asked for again.
    pub(super) fn is_untold(&self) -> bool {
        matches!(self.state, State::Untold) && (1..ASKED_MAX).contains(&self.asked)
    }
}

#[cfg(test)]
mod tests;
