//! The lists of an event. Where one was cut, an Unknown stands at its end for the rest, so that a policy which looks
//! at all elements is not told that it has seen all.

use serde::Serialize;

use super::Ancestor;
use crate::known::Known;
use crate::text::Text;

/// The programs that led to an event, the parent first. Cut, it ends in [`Ancestor::UNKNOWN`].
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ancestry(pub Vec<Ancestor>);

/// The arguments of an exec, from argument zero. One that was cut is Unknown; so is the last, if some were left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args(pub Vec<Known<Text>>);
