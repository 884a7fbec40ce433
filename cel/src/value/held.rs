//! Text and bytes, borrowed or shared.

use std::ops::Deref;
use std::sync::Arc;

/// Something borrowed from the input or the program, or made by an evaluation and shared since.
#[derive(Debug)]
pub enum Held<'a, T: ?Sized> {
    /// It lives in the input or the program.
    Borrowed(&'a T),
    /// An evaluation made it.
    Shared(Arc<T>),
}

/// Text.
pub type Str<'a> = Held<'a, str>;
/// Bytes.
pub type Bytes<'a> = Held<'a, [u8]>;

impl<T: ?Sized> Held<'_, T> {
    pub(crate) fn borrowed(&self) -> Held<'_, T> {
        Held::Borrowed(self)
    }

    pub(crate) fn into_shared<'o>(self) -> Held<'o, T>
    where
        Arc<T>: for<'t> From<&'t T>,
    {
        match self {
            Held::Borrowed(it) => Held::Shared(Arc::from(it)),
            Held::Shared(it) => Held::Shared(it),
        }
    }
}

impl<T: ?Sized> Clone for Held<'_, T> {
    fn clone(&self) -> Self {
        match self {
            Held::Borrowed(it) => Held::Borrowed(it),
            Held::Shared(it) => Held::Shared(Arc::clone(it)),
        }
    }
}

impl<T: ?Sized> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Held::Borrowed(it) => it,
            Held::Shared(it) => it,
        }
    }
}

impl From<String> for Str<'_> {
    fn from(text: String) -> Self {
        Held::Shared(text.into())
    }
}

impl From<Vec<u8>> for Bytes<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Held::Shared(bytes.into())
    }
}
