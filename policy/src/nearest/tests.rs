use super::*;

#[test]
fn a_slip_finds_its_name_and_a_stranger_does_not() {
    let known = ["validations", "variables", "match", "action"];
    let table = [
        ("validaton", Some("validations")),
        ("Validations", Some("validations")),
        ("matches", Some("match")),
        ("actoin", Some("action")),
        ("spec", None),
        ("", None),
    ];
    for (name, expected) in table {
        assert_eq!(nearest(name, known), expected, "{name}");
    }
    assert_eq!(nearest(&"v".repeat(100_000), known), None);
}
