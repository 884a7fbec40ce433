use serde_json::json;

use crate::known::Known;
use crate::observed::Facts;
use crate::observed::overlay::tests::{facts, only, pod, spec};

fn found(image: &str, digests: &[&str]) -> Option<(String, serde_json::Value, &'static str)> {
    let mut pod = pod(&json!({}));
    pod["spec"]["containers"][1]["image"] = json!(image);
    let image_digests = Known::Known(digests.iter().map(|digest| (*digest).to_owned()).collect());
    only(&pod, Some(&spec()), &Facts { image_digests, ..facts() })
}

#[test]
fn an_image_of_another_digest_is_shown() {
    let other = Some(("image".to_owned(), json!("app@sha256:bb"), "?"));
    assert_eq!(found("app@sha256:aa", &["app@sha256:bb"]), other);
    assert_eq!(found("registry/app:1@sha256:aa", &["x", "app@sha256:bb", "app@sha256:cc"]), other);
}

#[test]
fn an_image_of_the_declared_digest_or_none_is_no_change() {
    assert_eq!(found("app:1@sha256:aa", &["mirror/app@sha256:bb", "mirror/app@sha256:aa"]), None);
    assert_eq!(found("app:1", &["app@sha256:bb"]), None);
    assert_eq!(found("app@md5:aa", &["app@sha256:bb"]), None);
    assert_eq!(found("app@sha256:aa", &[]), None, "an image that was never pulled");
    let mut pod = pod(&json!({}));
    pod["spec"]["containers"][1]["image"] = json!("app@sha256:zz");
    assert_eq!(only(&pod, None, &Facts { image_digests: Known::Unknown, ..facts() }), None);
}
