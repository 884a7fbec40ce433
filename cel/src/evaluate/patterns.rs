//! Reads of what patterns say is unknown.

use super::scope::Scope;
use super::{Evaluated, Evaluator};
use crate::fault::Stop;
use crate::node::{Attribute, Root};
use crate::value::Value;

impl<'a> Evaluator<'_, 'a> {
    /// Fails if a pattern matches the attribute, with a field behind it where that is tested. What the steps select is
    /// returned where that had to be found out.
    pub(super) fn must_be_known(
        &mut self,
        attribute: &'a Attribute,
        tested: Option<&'a str>,
        scope: Scope<'_, 'a>,
    ) -> Result<Option<Vec<Evaluated<'a>>>, Stop> {
        let patterns = self.unknown;
        let Root::Variable { name, .. } = &attribute.root else { return Ok(None) };
        if !patterns.iter().any(|pattern| pattern.is_about(name)) {
            return Ok(None);
        }
        let keys = self.keys(attribute, tested, scope)?;
        let allowed = |pattern: &&'a crate::pattern::AttributePattern| {
            let allows = |(step, key): (usize, &Evaluated<'a>)| pattern.allows(step, key.as_ref().ok());
            pattern.is_about(name) && keys.iter().enumerate().all(allows)
        };
        match patterns.iter().find(allowed) {
            // The path is what the pattern and the attribute have in common.
            Some(pattern) => {
                let keys = keys.iter().take(pattern.length()).map(|key| key.as_ref().ok());
                Err(Stop::unknown(self.path_of(name, keys)))
            }
            None => Ok(Some(keys)),
        }
    }

    /// What the attribute's steps select; an unknown where that is unknown itself.
    fn keys(
        &mut self,
        attribute: &'a Attribute,
        tested: Option<&'a str>,
        scope: Scope<'_, 'a>,
    ) -> Result<Vec<Evaluated<'a>>, Stop> {
        let mut keys = Vec::with_capacity(attribute.steps.len() + 1);
        for step in &attribute.steps {
            match self.key_of(step, scope) {
                Err(failure @ Stop::Error(_)) => return Err(failure),
                key => keys.push(key),
            }
        }
        keys.extend(tested.map(|field| Ok(Value::from(field))));
        Ok(keys)
    }
}
