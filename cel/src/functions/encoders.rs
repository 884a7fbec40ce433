//! Bytes and values as text.

mod json;

use super::{Answer, Function};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::value::{Held, Value, evidence};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global("base64.encode", &["bytes -> string"], encode),
    Function::global("base64.decode", &["string -> bytes"], decode),
    Function::global("json.encode", &["dyn -> string"], json::encode),
];

const PADDED: GeneralPurpose = engine(DecodePaddingMode::RequireCanonical);
const UNPADDED: GeneralPurpose = engine(DecodePaddingMode::RequireNone);

const fn engine(padding: DecodePaddingMode) -> GeneralPurpose {
    // As Go does, bits that are no part of any byte are looked over.
    let config =
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(padding);
    GeneralPurpose::new(&STANDARD, config)
}

fn encode<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::Bytes(bytes)] = arguments else { return Ok(None) };
    budget.charge_bytes(bytes.len())?;
    Ok(Some(Value::from(PADDED.encode(&**bytes))))
}

/// With all its padding, or without any. As Go does, ends of lines are looked over.
fn decode<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text)] = arguments else { return Ok(None) };
    budget.charge_bytes(text.len())?;
    let symbols: Vec<u8> = text.bytes().filter(|symbol| !matches!(symbol, b'\r' | b'\n')).collect();
    let decoded = PADDED.decode(&symbols).or_else(|_| UNPADDED.decode(&symbols));
    let bytes = decoded.map_err(|_| EvaluationErrorKind::Base64(evidence(Value::String(text.borrowed()))))?;
    Ok(Some(Value::Bytes(Held::from(bytes))))
}
