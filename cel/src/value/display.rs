//! Values as an expression would write them.

use crate::input::Lookup;
use crate::value::{List, Map, Value};
use std::fmt::{self, Display, Formatter, Write};
use std::ops::ControlFlow;

/// Deeper parts are written `...`.
const MAX_DEPTH: usize = 64;

/// Longer values end in `...`: a short expression can make a list of lists of the same list that no memory holds
/// written out.
const MAX_BYTES: usize = 1 << 20;

impl Display for Value<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        limited(f, |to| write_value(self, to, 0))
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl fmt::Debug for List<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        limited(f, |to| write_list(self, to, 0))
    }
}

impl fmt::Debug for Map<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        limited(f, |to| write_map(self, to, 0))
    }
}

fn limited(f: &mut Formatter<'_>, write: impl FnOnce(&mut Limited<'_, '_>) -> fmt::Result) -> fmt::Result {
    let mut to = Limited { to: f, left: Some(MAX_BYTES) };
    let result = write(&mut to);
    if to.left.is_none() { f.write_str("...") } else { result }
}

/// Takes so many bytes, and fails then.
struct Limited<'w, 'f> {
    to: &'w mut Formatter<'f>,
    /// None once there was more.
    left: Option<usize>,
}

impl Write for Limited<'_, '_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let left = self.left.ok_or(fmt::Error)?;
        let end = part.floor_char_boundary(left);
        self.left = (end == part.len()).then(|| left - end);
        self.to.write_str(&part[..end])?;
        if self.left.is_some() { Ok(()) } else { Err(fmt::Error) }
    }
}

/// A value or a name as errors show it: its beginning, where it is long.
pub(crate) fn evidence(value: impl Display) -> String {
    let mut evidence = Evidence(String::new());
    if write!(evidence, "{value}").is_err() {
        evidence.0.push_str("...");
    }
    evidence.0
}

/// Takes no more than fits an error.
struct Evidence(String);

impl Write for Evidence {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        const LIMIT: usize = 128;
        let end = part.floor_char_boundary(LIMIT.saturating_sub(self.0.len()));
        self.0.push_str(&part[..end]);
        if end == part.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

fn write_value(value: &Value<'_>, f: &mut impl Write, depth: usize) -> fmt::Result {
    if depth > MAX_DEPTH {
        return f.write_str("...");
    }
    match value {
        Value::Null => f.write_str("null"),
        Value::Bool(value) => write!(f, "{value}"),
        Value::Int(value) => write!(f, "{value}"),
        Value::Uint(value) => write!(f, "{value}u"),
        // The debug form keeps the `.0` that tells a double from an int.
        Value::Double(value) => write!(f, "{value:?}"),
        Value::String(text) => write!(f, "{:?}", &**text),
        Value::Bytes(bytes) => write!(f, "b\"{}\"", bytes.escape_ascii()),
        Value::List(list) => write_list(list, f, depth),
        Value::Map(map) => write_map(map, f, depth),
        Value::Timestamp(timestamp) => write!(f, "timestamp(\"{}\")", timestamp.utc()),
        Value::Duration(duration) => write!(f, "duration(\"{duration}\")"),
        Value::Optional(optional) => write_optional(optional.value(), f, depth),
        Value::Ip(address) => write!(f, "ip(\"{address}\")"),
        Value::Cidr(cidr) => write!(f, "cidr(\"{cidr}\")"),
        Value::Type(of) => write!(f, "{of}"),
    }
}

fn write_optional(value: Option<Value<'_>>, f: &mut impl Write, depth: usize) -> fmt::Result {
    let Some(value) = value else { return f.write_str("optional.none()") };
    f.write_str("optional.of(")?;
    write_value(&value, f, depth + 1)?;
    f.write_char(')')
}

fn write_part(part: Lookup<'_>, f: &mut impl Write, depth: usize) -> fmt::Result {
    match part {
        Lookup::Found(value) => write_value(&value, f, depth + 1),
        Lookup::Absent => f.write_str("<absent>"),
        Lookup::Unknown => f.write_str("<unknown>"),
        Lookup::Failed(_) => f.write_str("<failed>"),
    }
}

fn write_list(list: &List<'_>, f: &mut impl Write, depth: usize) -> fmt::Result {
    f.write_char('[')?;
    for index in 0..list.size() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write_part(list.get(index), f, depth)?;
    }
    f.write_char(']')
}

fn write_map(map: &Map<'_>, f: &mut impl Write, depth: usize) -> fmt::Result {
    f.write_char('{')?;
    let mut written = Ok(());
    let mut first = true;
    map.keys(&mut |key| {
        written = write_entry(map, &key, std::mem::take(&mut first), f, depth);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    written?;
    f.write_char('}')
}

fn write_entry(map: &Map<'_>, key: &Value<'_>, first: bool, f: &mut impl Write, depth: usize) -> fmt::Result {
    if !first {
        f.write_str(", ")?;
    }
    write_value(key, f, depth + 1)?;
    f.write_str(": ")?;
    let part = super::Key::to_find(key).map_or(Lookup::Absent, |key| map.get(&key));
    write_part(part, f, depth)
}
