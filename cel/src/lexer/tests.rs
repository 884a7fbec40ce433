use super::{Lexer, TokenKind};
use crate::error::CompileErrorKind;

/// The tokens before the end.
fn tokens(source: &str) -> Vec<TokenKind<'_>> {
    let mut lexer = Lexer::new(source);
    let mut tokens = Vec::new();
    loop {
        match lexer.next_token().unwrap().kind {
            TokenKind::End => return tokens,
            token => tokens.push(token),
        }
    }
}

fn error(source: &str) -> (usize, CompileErrorKind) {
    let mut lexer = Lexer::new(source);
    loop {
        match lexer.next_token() {
            Ok(token) => assert_ne!(token.kind, TokenKind::End, "{source} has no error"),
            Err(error) => return *error,
        }
    }
}

fn string(content: &str) -> Vec<TokenKind<'_>> {
    vec![TokenKind::String(content.to_owned())]
}

#[test]
fn a_number_ends_where_it_is_no_longer_one() {
    use TokenKind::{Double, Int, Symbol, Uint, Word};
    assert_eq!(tokens("1.x"), [Int("1"), Symbol("."), Word("x")]);
    assert_eq!(tokens("1.5e-3 .5 2e7"), [Double("1.5e-3"), Double(".5"), Double("2e7")]);
    assert_eq!(tokens("1e 2u 0xFFu 0x"), [Int("1"), Word("e"), Uint("2"), Uint("0xFF"), Int("0"), Word("x")]);
}

#[test]
fn comments_and_space_are_between_tokens_only() {
    assert_eq!(tokens(" a // b\n\t// c"), [TokenKind::Word("a")]);
    assert_eq!(tokens("'// a'"), string("// a"));
}

#[test]
fn the_longest_symbol_is_taken() {
    assert_eq!(tokens("<=&&!!="), ["<=", "&&", "!", "!="].map(TokenKind::Symbol));
}

#[test]
fn a_quoted_name_may_hold_what_a_name_may_not() {
    assert_eq!(tokens("`a.b/c-d e`"), [TokenKind::Quoted("a.b/c-d e")]);
    assert_eq!(error("`a+b`"), (0, CompileErrorKind::Unterminated("quoted name")));
}

#[test]
fn escapes_are_replaced_but_in_raw_literals() {
    assert_eq!(tokens(r#"'\x41\u00e9\U0001F600\101\n'"#), string("A\u{e9}\u{1F600}A\n"));
    assert_eq!(tokens(r"r'\x41'"), string(r"\x41"));
    assert_eq!(tokens(r"b'\xff\377'"), [TokenKind::Bytes(vec![0xff, 0xff])]);
    assert_eq!(tokens(r"bR'\xff'"), [TokenKind::Bytes(br"\xff".to_vec())]);
    assert_eq!(tokens("b'é'"), [TokenKind::Bytes("é".as_bytes().to_vec())]);
}

#[test]
fn three_quotes_hold_lines_and_quotes() {
    assert_eq!(tokens("'''a'b''c\r\nd\re'''"), string("a'b''c\nd\ne"));
    assert_eq!(tokens("''"), string(""));
    assert_eq!(tokens(r#"r"""\""""#), string("\\"));
}

#[test]
fn an_error_is_where_the_literal_or_the_escape_begins() {
    assert_eq!(error("a 'b"), (2, CompileErrorKind::Unterminated("string")));
    assert_eq!(error("b'a\n'"), (0, CompileErrorKind::Unterminated("bytes")));
    let escape = |of, reason| CompileErrorKind::Escape { of, reason };
    assert_eq!(error(r"'a\q'"), (2, escape("string", "no such escape")));
    assert_eq!(error(r"'\ud800'"), (1, escape("string", "no such code point")));
    assert_eq!(error(r"'\x4é'"), (1, escape("string", "hexadecimal digits expected")));
    assert_eq!(error(r"b'\u0041'"), (2, escape("bytes", "bytes have no \\u and \\U")));
    assert_eq!(error("a & b"), (2, CompileErrorKind::Character('&')));
    assert_eq!(error("é"), (0, CompileErrorKind::Character('é')));
}
