//! Operators and their precedence.

use super::{Parsed, Parser};
use crate::ast::{Binary, Expr, ExprKind, Logic, Unary};
use crate::lexer::{LexError, TokenKind};

#[derive(Clone, Copy, PartialEq)]
enum Operator {
    Logic(Logic),
    Binary(Binary),
}

/// The operator of a token and how strongly it binds.
fn operator(token: &TokenKind<'_>) -> Option<(Operator, u8)> {
    let (TokenKind::Symbol(sign) | TokenKind::Word(sign)) = token else { return None };
    Some(match *sign {
        "||" => (Operator::Logic(Logic::Or), 1),
        "&&" => (Operator::Logic(Logic::And), 2),
        "==" => (Operator::Binary(Binary::Equal), 3),
        "!=" => (Operator::Binary(Binary::NotEqual), 3),
        "<" => (Operator::Binary(Binary::Less), 3),
        "<=" => (Operator::Binary(Binary::LessOrEqual), 3),
        ">" => (Operator::Binary(Binary::Greater), 3),
        ">=" => (Operator::Binary(Binary::GreaterOrEqual), 3),
        "in" => (Operator::Binary(Binary::In), 3),
        "+" => (Operator::Binary(Binary::Add), 4),
        "-" => (Operator::Binary(Binary::Subtract), 4),
        "*" => (Operator::Binary(Binary::Multiply), 5),
        "/" => (Operator::Binary(Binary::Divide), 5),
        "%" => (Operator::Binary(Binary::Remainder), 5),
        _ => return None,
    })
}

impl Parser<'_> {
    /// Operands joined by operators that bind more strongly than `than`; equals group from the left.
    pub(super) fn binary(&mut self, than: u8) -> Parsed {
        let mut left = self.unary()?;
        while let Some((operator, strength)) = operator(&self.token.kind).filter(|found| found.1 > than) {
            let offset = self.advance()?.offset;
            left = match operator {
                Operator::Logic(operator) => self.terms(offset, operator, strength, *left)?,
                Operator::Binary(operator) => {
                    let right = self.binary(strength)?;
                    Self::node(offset, ExprKind::Binary { operator, operands: [left, right] })?
                }
            };
        }
        Ok(left)
    }

    /// The other terms of a chain of `&&` or `||`, whose first sign is taken.
    fn terms(&mut self, offset: usize, logic: Logic, strength: u8, first: Expr) -> Parsed {
        let mut terms = vec![first, *self.binary(strength)?];
        while operator(&self.token.kind) == Some((Operator::Logic(logic), strength)) {
            self.advance()?;
            terms.push(*self.binary(strength)?);
        }
        Self::node(offset, ExprKind::Logic { operator: logic, terms })
    }

    /// A member, or `!` or `-` before one. An even number of signs is none, as in cel-go.
    fn unary(&mut self) -> Parsed {
        let offset = self.token.offset;
        if self.at("!") {
            let odd = self.signs("!")?;
            let number = self.token.offset;
            // The grammar gives a number its sign, wherever it stands.
            let operand = if self.skip("-")? { self.member_of_negative(number)? } else { self.member()? };
            return Self::signed(offset, odd.then_some(Unary::Not), operand);
        }
        if !self.at("-") {
            return self.member();
        }
        // The sign next to a number is the number's: -9223372036854775808 is an int, its negation is not.
        let mut odd = self.signs("-")?;
        let number = matches!(self.token.kind, TokenKind::Int(_) | TokenKind::Double(_));
        let operand = if number && odd { self.member_of_negative(offset)? } else { self.member()? };
        odd &= !number;
        Self::signed(offset, odd.then_some(Unary::Negate), operand)
    }

    /// Takes all the signs; whether their number is odd.
    fn signs(&mut self, sign: &str) -> Result<bool, Box<LexError>> {
        let mut odd = false;
        while self.skip(sign)? {
            odd = !odd;
        }
        Ok(odd)
    }

    fn signed(offset: usize, operator: Option<Unary>, operand: Box<Expr>) -> Parsed {
        let Some(operator) = operator else { return Ok(operand) };
        Self::node(offset, ExprKind::Unary { operator, operand })
    }
}
