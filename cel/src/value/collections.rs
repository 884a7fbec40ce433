//! The standard library's collections as an input.

use crate::input::{Array, Lookup, Object};
use crate::value::Value;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

impl<T: Sync> Object for BTreeMap<String, T>
where
    for<'v> Value<'v>: From<&'v T>,
{
    fn field<'a>(&'a self, name: &str) -> Lookup<'a> {
        Lookup::of(self.get(name))
    }

    fn has(&self, name: &str) -> Option<bool> {
        Some(self.contains_key(name))
    }

    fn size(&self) -> usize {
        self.len()
    }

    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a str) -> ControlFlow<()>) {
        // The visitor knows by itself whether it broke off.
        let _: ControlFlow<()> = self.keys().try_for_each(|name| visit(name));
    }
}

impl<T: Sync> Array for Vec<T>
where
    for<'v> Value<'v>: From<&'v T>,
{
    fn size(&self) -> usize {
        self.len()
    }

    fn get(&self, index: usize) -> Lookup<'_> {
        Lookup::of(self.as_slice().get(index))
    }
}
