//! What operators stand between: literals, names, calls, lists, maps, and what is selected from them.

use super::{Parsed, Parser};
use crate::ast::{Element, Entry, Expr, ExprKind, Literal};
use crate::error::CompileErrorKind;
use crate::lexer::{LexError, TokenKind};

/// Words that are no names; they may be fields and member functions.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Words that are never names.
const KEYWORDS: [&str; 4] = ["false", "in", "null", "true"];

/// Whether an expression cannot have the word as a name; the API server's list is the same.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word) || KEYWORDS.contains(&word)
}

impl Parser<'_> {
    /// A primary expression and everything selected from it.
    pub(super) fn member(&mut self) -> Parsed {
        let operand = self.primary()?;
        self.selections(operand)
    }

    /// The same for a number whose sign, at `offset`, is taken.
    pub(super) fn member_of_negative(&mut self, offset: usize) -> Parsed {
        let number = self.number(offset, "-")?;
        self.selections(number)
    }

    fn selections(&mut self, mut operand: Box<Expr>) -> Parsed {
        loop {
            let offset = self.token.offset;
            if self.skip(".")? {
                operand = self.selection(operand)?;
            } else if self.skip("[")? {
                let optional = self.skip("?")?;
                let index = self.expression()?;
                self.require("]", "\"]\"")?;
                operand = Self::node(offset, ExprKind::Index { operand, index, optional })?;
            } else if self.at("{") && is_name(&operand) {
                return Err(Box::new((operand.offset, CompileErrorKind::Unsupported("messages"))));
            } else {
                return Ok(operand);
            }
        }
    }

    /// What follows a dot.
    fn selection(&mut self, operand: Box<Expr>) -> Parsed {
        let optional = self.skip("?")?;
        let offset = self.token.offset;
        let (name, quoted) = match self.token.kind {
            TokenKind::Word(name) if !KEYWORDS.contains(&name) => (name.to_owned(), false),
            TokenKind::Quoted(name) => (name.to_owned(), true),
            _ => return Err(self.unexpected("the name of a field or of a function")),
        };
        self.advance()?;
        // Only a field can be optional: a call behind `.?` is a mistake.
        if quoted || optional || !self.skip("(")? {
            return Self::node(offset, ExprKind::Select { operand, field: name, optional });
        }
        let arguments = self.arguments()?;
        Self::node(offset, ExprKind::Call { target: Some(operand), name, absolute: false, arguments })
    }

    /// The arguments of a call up to its closing parenthesis.
    fn arguments(&mut self) -> Result<Vec<Expr>, Box<LexError>> {
        let mut arguments = Vec::new();
        if self.skip(")")? {
            return Ok(arguments);
        }
        loop {
            arguments.push(*self.expression()?);
            if !self.skip(",")? {
                self.require(")", "\",\" or \")\"")?;
                return Ok(arguments);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let offset = self.token.offset;
        match self.token.kind {
            TokenKind::Symbol("(") => {
                self.advance()?;
                let inner = self.expression()?;
                self.require(")", "an operator or \")\"")?;
                Ok(inner)
            }
            TokenKind::Symbol("[") => self.list(),
            TokenKind::Symbol("{") => self.map(),
            TokenKind::Symbol(".") => {
                self.advance()?;
                self.name(offset, true)
            }
            TokenKind::Word(word) => self.word(offset, word),
            _ => self.literal(offset),
        }
    }

    fn word(&mut self, offset: usize, word: &str) -> Parsed {
        let literal = match word {
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            "null" => Literal::Null,
            _ => return self.name(offset, false),
        };
        self.advance()?;
        Self::node(offset, ExprKind::Literal(literal))
    }

    /// A name, or a call of a function by its name.
    fn name(&mut self, offset: usize, absolute: bool) -> Parsed {
        let name = match self.token.kind {
            TokenKind::Word(name) if !KEYWORDS.contains(&name) => name.to_owned(),
            _ => return Err(self.unexpected("an expression")),
        };
        if RESERVED.contains(&name.as_str()) {
            return Err(Box::new((self.token.offset, CompileErrorKind::Reserved(name))));
        }
        self.advance()?;
        if !self.skip("(")? {
            return Self::node(offset, ExprKind::Name { name, absolute });
        }
        let arguments = self.arguments()?;
        Self::node(offset, ExprKind::Call { target: None, name, absolute, arguments })
    }

    fn list(&mut self) -> Parsed {
        let offset = self.advance()?.offset;
        let mut elements = Vec::new();
        // A comma may stand behind the last element, even where there is none.
        if self.skip(",")? && !self.at("]") {
            return Err(self.unexpected("\"]\""));
        }
        while !self.skip("]")? {
            let optional = self.skip("?")?;
            elements.push(Element { value: *self.expression()?, optional });
            if !self.skip(",")? && !self.at("]") {
                return Err(self.unexpected("\",\" or \"]\""));
            }
        }
        Self::node(offset, ExprKind::List(elements))
    }

    fn map(&mut self) -> Parsed {
        let offset = self.advance()?.offset;
        let mut entries = Vec::new();
        if self.skip(",")? && !self.at("}") {
            return Err(self.unexpected("\"}\""));
        }
        while !self.skip("}")? {
            let optional = self.skip("?")?;
            let key = *self.expression()?;
            self.require(":", "\":\"")?;
            entries.push(Entry { key, value: *self.expression()?, optional });
            if !self.skip(",")? && !self.at("}") {
                return Err(self.unexpected("\",\" or \"}\""));
            }
        }
        Self::node(offset, ExprKind::Map(entries))
    }

    fn literal(&mut self, offset: usize) -> Parsed {
        let literal = match &mut self.token.kind {
            TokenKind::String(text) => Literal::String(std::mem::take(text)),
            TokenKind::Bytes(bytes) => Literal::Bytes(std::mem::take(bytes)),
            _ => return self.number(offset, ""),
        };
        self.advance()?;
        Self::node(offset, ExprKind::Literal(literal))
    }

    fn number(&mut self, offset: usize, sign: &str) -> Parsed {
        let (literal, digits, expected) = match self.token.kind {
            TokenKind::Int(digits) => {
                (signed(sign, digits).map(Literal::Int), digits, "an integer of 64 bits with a sign")
            }
            TokenKind::Uint(digits) => {
                (magnitude(digits).map(Literal::Uint), digits, "an integer of 64 bits without a sign")
            }
            TokenKind::Double(digits) => {
                (double(sign, digits).map(Literal::Double), digits, "a finite double")
            }
            _ => return Err(self.unexpected("an expression")),
        };
        let number = || CompileErrorKind::Number { literal: format!("{sign}{digits}"), expected };
        let literal = literal.ok_or_else(|| Box::new((offset, number())))?;
        self.advance()?;
        Self::node(offset, ExprKind::Literal(literal))
    }
}

/// Whether the expression is a name, or names with dots between them: what could name a message.
fn is_name(expr: &Expr) -> bool {
    let mut expr = expr;
    while let ExprKind::Select { operand, .. } = &expr.kind {
        expr = operand;
    }
    matches!(expr.kind, ExprKind::Name { .. })
}

fn magnitude(digits: &str) -> Option<u64> {
    match digits.strip_prefix("0x") {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16).ok(),
        None => digits.parse().ok(),
    }
}

fn signed(sign: &str, digits: &str) -> Option<i64> {
    let magnitude = i128::from(magnitude(digits)?);
    i64::try_from(if sign.is_empty() { magnitude } else { -magnitude }).ok()
}

fn double(sign: &str, digits: &str) -> Option<f64> {
    let magnitude: f64 = digits.parse().ok()?;
    magnitude.is_finite().then_some(if sign.is_empty() { magnitude } else { -magnitude })
}
