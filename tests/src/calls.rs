//! Calls in an expression's text, as far as it is to be read without a parser.

#[cfg(test)]
mod tests;

/// A call of a member function.
#[derive(Debug, PartialEq)]
pub struct Call<'e> {
    /// What stands before the dot, back to where a space, a comma or a parenthesis around it ends it.
    pub target: &'e str,
    /// Without space around them.
    pub arguments: Vec<&'e str>,
}

/// The calls of a member function. A string with parentheses in it may hide one.
pub fn calls<'e>(expr: &'e str, name: &str) -> Vec<Call<'e>> {
    let called = format!(".{name}(");
    let found = expr.match_indices(&called);
    let call = |(dot, _): (usize, &str)| Call {
        target: target(&expr[..dot]),
        arguments: arguments(&expr[dot + called.len()..]),
    };
    found.map(call).collect()
}

fn target(before: &str) -> &str {
    let mut depth = 0_usize;
    for (at, byte) in before.bytes().enumerate().rev() {
        match byte {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' | b' ' | b',' if depth == 0 => return &before[at + 1..],
            b'(' | b'[' | b'{' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    before
}

/// What is between commas, up to the parenthesis that closes the call.
fn arguments(behind: &str) -> Vec<&str> {
    let (mut arguments, mut depth, mut begin) = (Vec::new(), 0_usize, 0);
    for (at, byte) in behind.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b',' | b')' if depth == 0 => {
                arguments.push(behind[begin..at].trim());
                begin = at + 1;
                if byte == b')' {
                    break;
                }
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    arguments.retain(|argument| !argument.is_empty());
    arguments
}
