//! Reads of what patterns say is unknown.

use super::Evaluator;
use super::scope::Scope;
use crate::fault::Stop;
use crate::node::{Attribute, Root};
use crate::value::Value;

impl<'a> Evaluator<'_, 'a> {
    /// Fails if a pattern matches the attribute, with a field behind it where that is tested.
    pub(super) fn must_be_known(
        &mut self,
        attribute: &'a Attribute,
        tested: Option<&'a str>,
        scope: Scope<'_, 'a>,
    ) -> Result<(), Stop> {
        let Root::Variable { name, .. } = &attribute.root else { return Ok(()) };
        let patterns = self.unknown;
        if patterns.iter().any(|pattern| pattern.is_about(name)) {
            let keys = self.keys(attribute, tested, scope)?;
            let allowed = |pattern: &&'a crate::pattern::AttributePattern| {
                pattern.is_about(name)
                    && keys.iter().enumerate().all(|(step, key)| pattern.allows(step, key.as_ref()))
            };
            if let Some(pattern) = patterns.iter().find(allowed) {
                return Err(Stop::unknown(self.matched(attribute, tested, pattern.length(), scope)));
            }
        }
        Ok(())
    }

    /// What the attribute's steps select; None where that is unknown itself.
    fn keys(
        &mut self,
        attribute: &'a Attribute,
        tested: Option<&'a str>,
        scope: Scope<'_, 'a>,
    ) -> Result<Vec<Option<Value<'a>>>, Stop> {
        let mut keys = Vec::with_capacity(attribute.steps.len() + 1);
        for step in &attribute.steps {
            keys.push(match self.key_of(step, scope) {
                Ok(key) => Some(key),
                Err(Stop::Unknown(_)) => None,
                Err(failure) => return Err(failure),
            });
        }
        keys.extend(tested.map(|field| Some(Value::from(field))));
        Ok(keys)
    }

    /// The path that the pattern and the attribute have in common.
    fn matched(
        &mut self,
        attribute: &'a Attribute,
        tested: Option<&'a str>,
        length: usize,
        scope: Scope<'_, 'a>,
    ) -> std::collections::BTreeSet<String> {
        let steps = length.min(attribute.steps.len());
        match tested {
            Some(field) if length > steps => self.tested(attribute, field, scope),
            _ => self.paths(attribute, steps, scope),
        }
    }
}
