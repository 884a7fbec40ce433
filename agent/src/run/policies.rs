//! The folder of policies, as named texts.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use policy::set::Source;

/// Folders within folders, no deeper: a link that leads back up ends here.
const DEPTH_MAX: usize = 8;
/// A file of policies is a few kilobytes.
const BYTES_MAX: u64 = 1 << 20;

/// Reads all YAML and JSON files below a folder, by name; a pack's tests.yaml is no policy.
///
/// # Errors
/// The folder or a file in it cannot be read, or a file is too large to be a policy.
pub(super) fn read(folder: &Path) -> io::Result<Vec<Source>> {
    let mut files = Vec::new();
    list(folder, 0, &mut files)?;
    files.sort();
    files.into_iter().map(|file| source(&file)).collect()
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if depth < DEPTH_MAX {
                list(&path, depth + 1, files)?;
            }
        } else if is_policy(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_policy(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let name = path.file_name().unwrap_or_default();
    matches!(extension, Some("yaml" | "yml" | "json")) && name != "tests.yaml"
}

fn source(path: &Path) -> io::Result<Source> {
    if fs::metadata(path)?.len() > BYTES_MAX {
        return Err(io::Error::other(format!("{} is larger than {BYTES_MAX} bytes", path.display())));
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
        let sources = read(folder.path()).expect("it can be read");
        let files: Vec<_> = sources.iter().map(|source| source.file.as_str()).collect();
        assert_eq!(files, [pack.join("policy.yaml").to_str().expect("utf-8")]);
    }

    #[test]
    fn missing_folder_is_an_error() {
        assert!(read(Path::new("/no/such/folder")).is_err());
    }
}
