//! Messages that stand for a value without one: wrappers, times, and JSON as protobuf has it; and addresses, which are
//! no messages.

use cel::{Cidr, Duration, Key, Timestamp, Value};
use serde_json::Value as Json;

use super::{Unreadable, from_json as read};

/// Reads a `google.protobuf.Any` in JSON: the message's name under `@type`, its content under `value`.
pub(super) fn from_json(any: &Json) -> Result<Value<'static>, Unreadable> {
    let url = any["@type"].as_str().unwrap_or_default();
    let name = url.rsplit('/').next().unwrap_or_default();
    let content = &any["value"];
    let text = content.as_str().unwrap_or_default();
    let malformed = || Unreadable::Malformed(any.to_string());
    let wrapped = |kind: &str| read(&serde_json::json!({ kind: content }));
    match name {
        "net.IP" => return text.parse().map(Value::Ip).map_err(|_| malformed()),
        "net.CIDR" => return cidr(text).map(Value::Cidr).ok_or_else(malformed),
        _ => {}
    }
    match name.strip_prefix("google.protobuf.").unwrap_or_default() {
        "Timestamp" => timestamp(text).map(Value::Timestamp).ok_or_else(malformed),
        "Duration" => duration(text).map(Value::Duration).ok_or_else(malformed),
        "BoolValue" => wrapped("bool_value"),
        "Int32Value" | "Int64Value" => wrapped("int64_value"),
        "UInt32Value" | "UInt64Value" => wrapped("uint64_value"),
        "FloatValue" | "DoubleValue" => wrapped("double_value"),
        "StringValue" => wrapped("string_value"),
        "BytesValue" => wrapped("bytes_value"),
        "Value" | "Struct" | "ListValue" => Ok(plain(content)),
        _ => Err(Unreadable::Message(name.to_owned())),
    }
}

/// JSON as protobuf has it: every number is a double.
fn plain(json: &Json) -> Value<'static> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::from(text.clone()),
        Json::Array(elements) => Value::list(elements.iter().map(plain).collect()),
        Json::Object(fields) => {
            let entry = |(name, value): (&String, &Json)| (Key::String(name.clone().into()), plain(value));
            // An object's names differ, so no key comes twice.
            Value::map(fields.iter().map(entry).collect()).unwrap_or(Value::Null)
        }
    }
}

fn cidr(text: &str) -> Option<Cidr> {
    let (address, length) = text.split_once('/')?;
    Cidr::new(address.parse().ok()?, length.parse().ok()?)
}

/// `2009-02-13T23:31:30.5Z`, always in UTC.
fn timestamp(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [hour, minute, second] = numbers(time, ':')?;
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Timestamp::new(seconds, nanoseconds(fraction)?)
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let numbers: Vec<_> = text.split(separator).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// Days since the beginning of 1970, of the calendar that is in use today. Years begin in March here, so that a leap
/// day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 719_469
}

/// A fraction of a second with up to nine digits.
fn nanoseconds(fraction: &str) -> Option<u32> {
    if fraction.len() > 9 {
        return None;
    }
    format!("{fraction:0<9}").parse().ok()
}

/// `-1.500000000s`
fn duration(text: &str) -> Option<Duration> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let text = text.strip_suffix('s')?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = seconds.parse::<i128>().ok()? * 1_000_000_000 + i128::from(nanoseconds(fraction)?);
    i64::try_from(sign * whole).ok().map(Duration::from_nanoseconds)
}
