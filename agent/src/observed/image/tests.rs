use super::*;

const WANTED: &str = "sha256:aa";

fn asked() -> Image {
    let mut image = Image::default();
    assert_eq!(image.digests(WANTED, || true), Known::Unknown);
    image
}

fn texts(references: &[&str]) -> Vec<String> {
    references.iter().map(|reference| (*reference).to_owned()).collect()
}

#[test]
fn an_image_is_asked_for_once_and_known_from_then_on() {
    let mut image = asked();
    assert_eq!(image.digests(WANTED, || panic!("it is being asked")), Known::Unknown);
    assert!(image.told(Some(texts(&["x@sha256:bb", "y@sha256:aa"]))));
    let known = image.digests(WANTED, || panic!("it was told"));
    assert_eq!(known, texts(&["y@sha256:aa"]).into(), "the one that is wanted is enough");
}

#[test]
fn an_image_that_was_never_pulled_is_known_to_have_no_digest() {
    let mut image = asked();
    assert!(image.told(Some(Vec::new())));
    assert_eq!(image.digests(WANTED, || panic!("it was told")), Vec::new().into());
    assert!(!image.is_untold());
}

#[test]
fn a_pod_that_pins_another_digest_while_the_container_runs_is_not_held_against_it() {
    let mut image = asked();
    image.told(Some(texts(&["x@sha256:aa"])));
    assert_eq!(image.digests("sha256:cc", || panic!("the container is the same")), Known::Unknown);
    assert_eq!(image.digests(WANTED, || panic!("it was told")), texts(&["x@sha256:aa"]).into());
}

#[test]
fn a_runtime_that_does_not_tell_is_asked_a_few_times() {
    let mut image = Image::default();
    let mut asked = 0;
    for _ in 0..100 {
        image.digests(WANTED, || {
            asked += 1;
            true
        });
        assert!(!image.told(None));
    }
    assert_eq!(asked, ASKED_MAX);
    assert!(!image.is_untold());
}

#[test]
fn an_image_nobody_could_be_asked_about_is_asked_for_again() {
    let mut image = Image::default();
    assert_eq!(image.digests(WANTED, || false), Known::Unknown);
    assert!(image.is_untold());
    assert_eq!(image.digests(WANTED, || true), Known::Unknown);
    assert!(!image.is_untold(), "it is being asked");
}

#[test]
fn what_a_runtime_tells_is_kept_within_bounds() {
    let mut image = asked();
    image.told(Some((0..1000).map(|index| format!("x@sha256:{index:064}")).collect()));
    let Known::Known(kept) = image.digests(WANTED, || false) else { panic!("it was told") };
    assert_eq!(kept.len(), OTHERS_MAX);
    assert!(!image.told(Some(vec!["x".repeat(REFERENCE_MAX + 1)])), "too long to be a reference");
    assert_eq!(image.digests(WANTED, || panic!("it was told")), Known::Unknown);
}
