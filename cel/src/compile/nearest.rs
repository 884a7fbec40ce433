//! The known name that was perhaps meant.

use super::{Compiler, MAX_ERRORS};
use crate::environment::Undeclared;

impl Compiler<'_> {
    /// The nearest name, where an error would say it: it is looked for among all that there are.
    pub(super) fn nearest<K: AsRef<str>>(
        &self,
        name: &str,
        known: impl Iterator<Item = K>,
    ) -> Option<String> {
        let told =
            self.environment.undeclared == Undeclared::FailsToCompile && self.errors.len() < MAX_ERRORS;
        if told { nearest(name, known) } else { None }
    }
}

/// The known name that is most like `name`, if one is like it at all.
pub(crate) fn nearest<K: AsRef<str>>(name: &str, known: impl Iterator<Item = K>) -> Option<String> {
    const ALIKE: f64 = 0.8;
    let scored = known.map(|known| (strsim::jaro_winkler(name, known.as_ref()), known));
    let best = scored.filter(|(score, _)| *score >= ALIKE).max_by(|one, two| one.0.total_cmp(&two.0));
    best.map(|(_, known)| known.as_ref().to_owned())
}
