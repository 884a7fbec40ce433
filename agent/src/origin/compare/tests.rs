use std::fs;
use std::path::PathBuf;

use super::*;

/// An upper and a lower layer that both have `/bin/tool`.
struct Scene(tempfile::TempDir);

impl Scene {
    fn new(upper: &[u8], lower: &[u8]) -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        for (layer, content) in [("upper", upper), ("lower", lower)] {
            fs::create_dir_all(scene.0.path().join(layer).join("bin")).unwrap();
            fs::write(scene.file(layer), content).unwrap();
        }
        scene
    }

    fn file(&self, layer: &str) -> PathBuf {
        self.0.path().join(layer).join("bin/tool")
    }

    fn compare(&self) -> Origin {
        self.compare_at(ctime(&fs::metadata(self.file("upper")).unwrap()))
    }

    fn compare_at(&self, ctime: u64) -> Origin {
        let text = b"1 0 0:5 / / rw - overlay overlay rw,lowerdir=/lower,upperdir=/upper";
        compare(&Layers::from_mountinfo(text).unwrap(), self.0.path(), b"/bin/tool", ctime)
    }
}

#[test]
fn a_file_whose_mode_alone_was_changed_is_copied_up() {
    let content = vec![7; 3 * CHUNK + 5];
    assert_eq!(Scene::new(&content, &content).compare(), Origin::CopiedUp);
    let exact = vec![7; 2 * CHUNK];
    assert_eq!(Scene::new(&exact, &exact).compare(), Origin::CopiedUp, "a whole number of chunks");
    assert_eq!(Scene::new(b"", b"").compare(), Origin::CopiedUp);
}

#[test]
fn a_file_overwritten_in_place_is_upper() {
    let mut other = vec![7; 3 * CHUNK + 5];
    let image = other.clone();
    *other.last_mut().unwrap() = 8;
    assert_eq!(Scene::new(&other, &image).compare(), Origin::Upper, "of the same size");
    assert_eq!(Scene::new(b"longer", b"long").compare(), Origin::Upper);
}

#[test]
fn a_file_that_changed_since_it_ran_cannot_be_told() {
    let scene = Scene::new(b"same", b"same");
    let seen = ctime(&fs::metadata(scene.file("upper")).unwrap());
    assert_eq!(scene.compare_at(seen - 1), Origin::Unknown);
    assert_eq!(scene.compare_at(seen), Origin::CopiedUp);
}

#[test]
fn a_file_too_large_to_read_is_unknown_unless_the_sizes_differ() {
    let scene = Scene::new(b"x", b"x");
    for layer in ["upper", "lower"] {
        fs::OpenOptions::new().write(true).open(scene.file(layer)).unwrap().set_len(LARGEST + 1).unwrap();
    }
    assert_eq!(scene.compare(), Origin::Unknown);
    fs::OpenOptions::new().write(true).open(scene.file("lower")).unwrap().set_len(LARGEST).unwrap();
    assert_eq!(scene.compare(), Origin::Upper);
}

#[test]
fn a_file_or_layer_that_is_gone_is_unknown() {
    let scene = Scene::new(b"x", b"x");
    fs::remove_file(scene.file("lower")).unwrap();
    assert_eq!(scene.compare(), Origin::Unknown);
    fs::remove_dir_all(scene.0.path().join("lower")).unwrap();
    assert_eq!(scene.compare(), Origin::Unknown);
}

#[test]
fn an_answer_holds_for_one_content_of_one_file() {
    let mut compared = Compared::new(10_000);
    let key = FileKey { device: 1, inode: 2, ctime: 3 };
    compared.insert(key, Origin::CopiedUp);
    assert_eq!(compared.get(&key), Some(Origin::CopiedUp));
    assert_eq!(compared.get(&FileKey { ctime: 4, ..key }), None);
}

#[test]
fn answers_stay_within_their_budget() {
    let mut compared = Compared::new(2_000);
    for inode in 0..100 {
        compared.insert(FileKey { device: 1, inode, ctime: 1 }, Origin::Upper);
    }
    assert!(compared.bytes() <= 2_000 && compared.evicted() > 80);
}
