use super::*;

fn verdict(line: &str) -> Verdict {
    Test::read(line).unwrap().run()
}

fn fails(line: &str) -> bool {
    matches!(verdict(line), Verdict::Failed(_))
}

#[test]
fn a_test_without_an_expectation_expects_true() {
    assert_eq!(verdict(r#"{"section": "s", "name": "n", "expr": "1 < 2"}"#), Verdict::Passed);
    assert!(fails(r#"{"section": "s", "name": "n", "expr": "2 < 1"}"#));
    assert!(fails(r#"{"section": "s", "name": "n", "expr": "1"}"#));
}

#[test]
fn a_value_is_held_against_the_one_expected() {
    let line =
        |value: &str| format!(r#"{{"section": "s", "name": "n", "expr": "1u + 1u", "value": {value}}}"#);
    assert_eq!(verdict(&line(r#"{"uint64_value": "2"}"#)), Verdict::Passed);
    assert!(fails(&line(r#"{"int64_value": "2"}"#)));
    assert!(fails(&line(r#"{"uint64_value": "3"}"#)));
}

#[test]
fn an_error_that_is_expected_must_come_from_the_evaluation() {
    let line =
        |expr: &str| format!(r#"{{"section": "s", "name": "n", "expr": "{expr}", "eval_error": {{}}}}"#);
    assert_eq!(verdict(&line("1 / 0")), Verdict::Passed);
    assert!(fails(&line("1 / 1")));
    assert!(fails(&line("1 /")), "what is no expression does not fail as it should");
    assert!(fails(&line("nothing")), "a name that is not known is not the error that is meant");
}

#[test]
fn bindings_may_be_values_errors_and_unknowns() {
    let line = |binding: &str, expected: &str| {
        format!(
            r#"{{"section": "s", "name": "n", "expr": "x == 1", "bindings": {{"x": {binding}}}, {expected}}}"#
        )
    };
    assert_eq!(
        verdict(&line(r#"{"value": {"int64_value": "1"}}"#, r#""value": {"bool_value": true}"#)),
        Verdict::Passed
    );
    assert_eq!(verdict(&line(r#"{"error": {}}"#, r#""eval_error": {}"#)), Verdict::Passed);
    assert_eq!(verdict(&line(r#"{"unknown": {}}"#, r#""unknown": {}"#)), Verdict::Passed);
    assert!(fails(&line(r#"{"unknown": {}}"#, r#""eval_error": {}"#)));
}

#[test]
fn what_needs_a_message_is_skipped_and_says_so() {
    let message = r#"{"object_value": {"@type": "type.googleapis.com/some.Message"}}"#;
    let line = format!(
        r#"{{"section": "s", "name": "n", "expr": "x", "bindings": {{"x": {{"value": {message}}}}}}}"#
    );
    assert_eq!(verdict(&line), Verdict::Skipped("\"some.Message\" is a protobuf message".to_owned()));
}

#[test]
fn a_line_that_cannot_be_read_is_named_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.jsonl"), "{\"section\": \"s\", \"name\": \"n\", \"expr\": \"1\"}\n\n{\n")
        .unwrap();
    let error = format!("{:#}", read(folder.path()).unwrap_err());
    assert!(error.contains("a.jsonl:3: no JSON"), "{error}");
}

#[test]
fn a_folder_without_tests_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(read(folder.path()).unwrap_err().to_string().starts_with("there is no *.jsonl in "));
    assert!(
        read(&folder.path().join("none")).unwrap_err().to_string().starts_with("cannot read the folder ")
    );
}
