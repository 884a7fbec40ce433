//! The folder of policies, as named texts.

use std::{fs, io, path::Path};

use policy::set::Source;

use crate::declarations::folder::files;

/// A file of policies is a few kilobytes.
const BYTES_MAX: u64 = 1 << 20;

/// What was found below a folder.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub sources: Vec<Source>,
    /// Files that could not be read, each with a sentence.
    pub unread: Vec<String>,
}

/// Reads all YAML and JSON files below a folder, by name; a pack's tests.yaml is no policy. A file that cannot be read
/// takes nothing away from the others.
///
/// # Errors
/// The folder itself cannot be listed.
pub(super) fn read(folder: &Path) -> io::Result<Found> {
    let mut found = Found::default();
    for path in files::list(folder)?.keys() {
        if path.file_name().is_some_and(|name| name == "tests.yaml") {
            continue;
        }
        match source(path) {
            Ok(source) => found.sources.push(source),
            Err(error) => found.unread.push(format!("{}: {error}", path.display())),
        }
    }
    Ok(found)
}

fn source(path: &Path) -> io::Result<Source> {
    if fs::metadata(path)?.len() > BYTES_MAX {
        return Err(io::Error::other(format!("a file of policies has at most {BYTES_MAX} bytes")));
    }
    let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
    Ok(Source { file: path.display().to_string(), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_found_in_subfolders_and_their_tests_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let pack = folder.path().join("pack/name");
        fs::create_dir_all(&pack).expect("a pack");
        for file in ["policy.yaml", "tests.yaml", "README.md"] {
            fs::write(pack.join(file), "text").expect("a file");
        }
        let Found { sources, unread } = read(folder.path()).expect("it can be read");
        assert!(unread.is_empty());
        let files: Vec<_> = sources.iter().map(|source| source.file.as_str()).collect();
        assert_eq!(files, [pack.join("policy.yaml").to_str().expect("utf-8")]);
    }

    #[test]
    fn missing_folder_is_an_error() {
        assert!(read(Path::new("/no/such/folder")).is_err());
    }

    #[test]
    fn folder_of_a_config_map_is_read_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let dated = folder.path().join("..2026_11_24");
        fs::create_dir(&dated).expect("the dated folder");
        fs::write(dated.join("policy.yaml"), "text").expect("a file");
        std::os::unix::fs::symlink("..2026_11_24", folder.path().join("..data")).expect("a link");
        std::os::unix::fs::symlink("..data/policy.yaml", folder.path().join("policy.yaml")).expect("a link");
        assert_eq!(read(folder.path()).expect("it can be read").sources.len(), 1);
    }

    #[test]
    fn file_that_is_too_large_or_a_link_to_nothing_takes_nothing_from_the_others() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.yaml"), "text").expect("a file");
        fs::write(folder.path().join("b.yaml"), vec![b'x'; BYTES_MAX as usize + 1]).expect("a file");
        std::os::unix::fs::symlink("nothing", folder.path().join("c.yaml")).expect("a link");
        let Found { sources, unread } = read(folder.path()).expect("it can be read");
        assert_eq!((sources.len(), unread.len()), (1, 1));
        assert!(unread[0].contains("b.yaml: a file of policies has at most"), "{unread:?}");
    }
}
