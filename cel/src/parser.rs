//! From tokens to a tree, by the grammar of the language's specification.

mod operators;
mod primary;
#[cfg(test)]
mod tests;

use crate::ast::{Expr, ExprKind};
use crate::error::{CompileError, CompileErrorKind};
use crate::lexer::{LexError, Lexer, Token, TokenKind};
use crate::position::Position;

pub(crate) use primary::is_reserved;

/// Longer sources are not read (cel-go's limit).
const MAX_SIZE: usize = 100_000;
/// Deeper trees are not made (cel-go's limit), so that no later walk over one can exhaust the stack.
pub(crate) const MAX_DEPTH: usize = 250;

/// Reads an expression.
pub(crate) fn parse(source: &str) -> Result<Expr, CompileError> {
    let place =
        |(offset, kind): LexError| CompileError { position: Position::in_source(source, offset), kind };
    if source.len() > MAX_SIZE {
        let kind = CompileErrorKind::TooLong { size: source.len(), limit: MAX_SIZE };
        return Err(place((0, kind)));
    }
    Parser::new(source).and_then(Parser::whole).map(|expr| *expr).map_err(|error| place(*error))
}

/// Boxes, so that little of the stack is taken for each expression inside another.
type Parsed = Result<Box<Expr>, Box<LexError>>;

struct Parser<'s> {
    lexer: Lexer<'s>,
    /// The next token.
    token: Token<'s>,
    /// How many expressions are being read inside each other.
    depth: usize,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str) -> Result<Self, Box<LexError>> {
        let mut lexer = Lexer::new(source);
        let token = lexer.next_token()?;
        Ok(Self { lexer, token, depth: 0 })
    }

    fn whole(mut self) -> Parsed {
        let expr = self.expression()?;
        if self.token.kind == TokenKind::End {
            Ok(expr)
        } else {
            Err(self.unexpected("an operator or the end"))
        }
    }

    /// Takes the next token.
    fn advance(&mut self) -> Result<Token<'s>, Box<LexError>> {
        let next = self.lexer.next_token()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn at(&self, symbol: &str) -> bool {
        matches!(self.token.kind, TokenKind::Symbol(found) if found == symbol)
    }

    /// Takes the symbol if it is next.
    fn skip(&mut self, symbol: &str) -> Result<bool, Box<LexError>> {
        let found = self.at(symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn require(&mut self, symbol: &str, expected: &'static str) -> Result<(), Box<LexError>> {
        if self.skip(symbol)? { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn unexpected(&self, expected: &'static str) -> Box<LexError> {
        let found = self.token.kind.to_string();
        Box::new((self.token.offset, CompileErrorKind::Unexpected { found, expected }))
    }

    fn node(offset: usize, kind: ExprKind) -> Parsed {
        let depth = kind.children_depth() + 1;
        if depth > MAX_DEPTH {
            return Err(Box::new((offset, CompileErrorKind::TooDeep(MAX_DEPTH))));
        }
        Ok(Box::new(Expr { offset, depth, kind }))
    }

    /// A whole expression: `a ? b : c`, or what stands before a question mark.
    fn expression(&mut self) -> Parsed {
        if self.depth == MAX_DEPTH {
            return Err(Box::new((self.token.offset, CompileErrorKind::TooDeep(MAX_DEPTH))));
        }
        self.depth += 1;
        let expr = self.conditional();
        self.depth -= 1;
        expr
    }

    fn conditional(&mut self) -> Parsed {
        let condition = self.binary(0)?;
        let offset = self.token.offset;
        if !self.skip("?")? {
            return Ok(condition);
        }
        let then = self.binary(0)?;
        self.require(":", "\":\"")?;
        let otherwise = self.expression()?;
        Self::node(offset, ExprKind::Conditional { operands: [condition, then, otherwise] })
    }
}
