//! A mapping while it is read: keys made texts, merges, and keys given twice.

use std::collections::HashMap;

use crate::yaml::node::{Entry, Node, Value};
use crate::yaml::{Error, ErrorKind, resolve};

/// The entries of a mapping as they come. What is set later wins over what was merged, and what is merged later wins
/// over what was set: goyaml.v2 does so, in the order of the text.
#[derive(Default)]
pub(super) struct Mapping {
    pub(super) entries: Vec<Entry>,
    index: HashMap<String, usize>,
    /// Whether the entry was written here, and not merged.
    own: Vec<bool>,
}

impl Mapping {
    pub(super) fn set(&mut self, key: &Node, value: Node) -> Result<(), Error> {
        let position = key.position;
        let Some(name) = resolve::key(&key.value) else {
            return Err(Error { position, kind: ErrorKind::Key });
        };
        if let Some(&index) = self.index.get(&name)
            && self.own[index]
        {
            let first = self.entries[index].position.line;
            return Err(Error { position, kind: ErrorKind::DuplicateKey { key: name, first } });
        }
        self.put(Entry { key: name, position, value }, true);
        Ok(())
    }

    pub(super) fn merge(&mut self, value: Node) -> Result<(), Error> {
        let error = Error { position: value.position, kind: ErrorKind::Merge };
        match value.value {
            Value::Map(entries) => entries.into_iter().for_each(|entry| self.put(entry, false)),
            Value::List(items) => {
                // Of several, the first wins.
                for item in items.into_iter().rev() {
                    let Value::Map(entries) = item.value else { return Err(error) };
                    entries.into_iter().for_each(|entry| self.put(entry, false));
                }
            }
            _ => return Err(error),
        }
        Ok(())
    }

    fn put(&mut self, entry: Entry, own: bool) {
        match self.index.get(&entry.key) {
            Some(&index) => {
                // Once written here, a key cannot be written here again, whatever was merged in between.
                self.own[index] |= own;
                self.entries[index] = entry;
            }
            None => {
                self.index.insert(entry.key.clone(), self.entries.len());
                self.own.push(own);
                self.entries.push(entry);
            }
        }
    }
}
