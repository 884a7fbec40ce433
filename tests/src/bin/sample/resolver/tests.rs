use super::*;

fn question(kind: u8) -> Vec<u8> {
    let mut message = vec![7, 8, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.extend(b"\x01a\x04test\0");
    message.extend([0, kind, 0, 1]);
    message
}

#[test]
fn an_address_is_given_and_nothing_of_another_kind() {
    let given = answer(&question(1)).expect("an answer");
    assert_eq!((&given[..2], given[7]), (&[7, 8][..], 1));
    assert!(given.ends_with(&[127, 0, 0, 1]));
    let none = answer(&question(28)).expect("an answer");
    assert_eq!((none[7], &none[HEADER..]), (0, &question(28)[HEADER..]));
}

#[test]
fn a_message_that_is_cut_has_no_answer() {
    let whole = question(1);
    assert!((0..whole.len()).all(|length| answer(&whole[..length]).is_none()));
}

#[test]
fn what_is_asked_has_an_answer() {
    assert!(answer(&super::question()).is_some_and(|answer| answer.ends_with(&[127, 0, 0, 1])));
}
