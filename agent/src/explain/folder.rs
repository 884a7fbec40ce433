//! The objects of a folder.

use std::io::{self, Read};
use std::path::Path;

use policy::network::{Cluster, document};
use policy::yaml::{self, Position};

use crate::declarations::folder::files;

/// A cluster's Pods in one file are more than what a node's agent reads: as much as the reader of YAML takes.
const MOST_BYTES: u64 = yaml::MAX_BYTES as u64;

/// A cluster of all objects below the folder, and what is wrong with them, as `file:line:column: sentence`.
///
/// # Errors
/// If the folder itself cannot be listed.
pub(super) fn read(root: &Path) -> io::Result<(Cluster, Vec<String>)> {
    let mut objects = Vec::new();
    let mut mistakes = Vec::new();
    for path in files::list(root)?.keys() {
        let file = path.strip_prefix(root).unwrap_or(path).display();
        let mut say = |position: Position, sentence: &dyn std::fmt::Display| {
            mistakes.push(format!("{file}:{}:{}: {sentence}", position.line, position.column));
        };
        let text = match text(path) {
            Ok(text) => text,
            Err(error) => {
                say(Position::START, &error);
                continue;
            }
        };
        for node in yaml::documents(&text) {
            match node {
                Ok(node) => {
                    let read = document::read(&node);
                    read.mistakes.iter().for_each(|mistake| say(mistake.position, mistake));
                    objects.extend(read.objects);
                }
                Err(error) => say(error.position, &error),
            }
        }
    }
    Ok((Cluster::new(objects), mistakes))
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    Ok(text)
}
