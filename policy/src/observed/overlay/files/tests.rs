use serde_json::{Value, json};

use crate::known::Known;
use crate::observed::overlay::tests::{facts, only, pod, spec};
use crate::observed::{Facts, OciSpec};

#[test]
fn a_root_that_is_declared_read_only_and_is_not_is_shown() {
    let read_only = pod(&json!({"readOnlyRootFilesystem": true}));
    let writable = Facts { root_writable: true.into(), ..facts() };
    let shown = |step| Some(("securityContext/readOnlyRootFilesystem".to_owned(), json!(false), step));
    let mut untold = spec();
    untold.root = None;
    assert_eq!(only(&read_only, Some(&spec()), &writable), shown("OciToKernel"));
    assert_eq!(only(&read_only, Some(&untold), &writable), shown("PodToOci"));
    assert_eq!(only(&read_only, None, &writable), shown("?"));
    assert_eq!(only(&read_only, Some(&untold), &facts()), None);
    assert_eq!(only(&read_only, None, &Facts { root_writable: Known::Unknown, ..facts() }), None);
    for context in [json!({}), json!({"readOnlyRootFilesystem": false})] {
        assert_eq!(only(&pod(&context), Some(&spec()), &writable), None);
    }
}

fn masking(paths: &[&str]) -> Facts {
    Facts { masked: Known::Known(paths.iter().map(|path| (*path).to_owned()).collect()), ..facts() }
}

#[test]
fn a_proc_of_which_nothing_is_hidden_is_unmasked() {
    let shown = |step| Some(("securityContext/procMount".to_owned(), json!("Unmasked"), step));
    let mut untold = spec();
    untold.linux.as_mut().expect("linux").masked_paths.clear();
    for context in [json!({}), json!({"procMount": "Default"})] {
        let pod = pod(&context);
        assert_eq!(only(&pod, Some(&spec()), &masking(&[])), shown("OciToKernel"));
        assert_eq!(only(&pod, Some(&spec()), &masking(&["/proc/else"])), shown("OciToKernel"));
        assert_eq!(only(&pod, Some(&untold), &masking(&[])), shown("PodToOci"));
        // A kernel need not have each of the paths.
        assert_eq!(only(&pod, Some(&spec()), &masking(&["/sys/firmware"])), None);
        assert_eq!(only(&pod, Some(&untold), &masking(&["/proc/else"])), None);
    }
}

#[test]
fn what_cannot_be_told_of_proc_or_is_declared_is_no_change() {
    fn nothing(context: &Value, spec: Option<&OciSpec>, facts: &Facts) {
        assert_eq!(only(&pod(context), spec, facts), None);
    }
    nothing(&json!({}), None, &masking(&[]));
    nothing(&json!({}), Some(&spec()), &Facts { masked: Known::Unknown, ..facts() });
    nothing(&json!({"procMount": "Unmasked"}), Some(&spec()), &masking(&[]));
    nothing(&json!({"privileged": true}), Some(&spec()), &masking(&[]));
    let mut of_no_linux = spec();
    of_no_linux.linux = None;
    nothing(&json!({}), Some(&of_no_linux), &masking(&[]));
}
