use super::*;

#[test]
fn utf_8_keeps_no_second_copy() {
    let text = Text::from_bytes("/bin/s\u{e9}".as_bytes());
    assert_eq!((text.as_str(), text.base64()), ("/bin/s\u{e9}", None));
    assert_eq!(text, Text::from("/bin/s\u{e9}"));
}

#[test]
fn other_bytes_are_shown_with_a_replacement_and_kept() {
    let text = Text::from_bytes(b"/tmp/\xff\xfe");
    assert_eq!(text.as_str(), "/tmp/\u{fffd}\u{fffd}");
    assert_eq!(text.as_bytes(), b"/tmp/\xff\xfe");
    assert_eq!(text.base64().as_deref(), Some("L3RtcC///g=="));
}

#[test]
fn texts_that_look_alike_differ_by_their_bytes() {
    assert_ne!(Text::from_bytes(b"\xff"), Text::from_bytes(b"\xfe"));
    assert_ne!(Text::from_bytes(b"\xff"), Text::from("\u{fffd}"));
}
