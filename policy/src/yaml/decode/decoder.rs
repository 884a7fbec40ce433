//! Serde's view of a tree.

use std::cell::RefCell;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{self, DeserializeSeed, Error as _, IntoDeserializer, Visitor};
use serde::de::{EnumAccess, MapAccess, SeqAccess, VariantAccess};

use super::{DecodeError, Mistake, MistakeKind};
use crate::yaml::{Entry, Node, Value};

#[derive(Clone, Copy)]
pub(super) struct Decoder<'n> {
    pub(super) node: &'n Node,
    pub(super) mistakes: &'n RefCell<Vec<Mistake>>,
}

impl<'n> Decoder<'n> {
    fn of(self, node: &'n Node) -> Self {
        Self { node, ..self }
    }

    fn wanted(self, wanted: &'static str) -> DecodeError {
        let kind = MistakeKind::Type { wanted: wanted.to_owned(), found: self.node.describe().to_owned() };
        DecodeError { position: Some(self.node.position), kind }
    }

    fn map(self) -> Result<Fields<'n>, DecodeError> {
        match &self.node.value {
            Value::Map(entries) => Ok(Fields { decoder: self, entries: entries.iter().collect(), next: 0 }),
            _ => Err(self.wanted("a mapping")),
        }
    }

    /// The known fields that say something. An unknown one is noted and passed over, so that the rest is looked at.
    fn fields(self, known: &'static [&'static str]) -> Result<Fields<'n>, DecodeError> {
        let mut fields = self.map()?;
        fields.entries.retain(|entry| {
            let is_known = known.contains(&entry.key.as_str());
            if !is_known {
                let kind = DecodeError::unknown_field(&entry.key, known).kind;
                self.mistakes.borrow_mut().push(Mistake { position: entry.position, kind });
            }
            is_known && entry.value.value != Value::Null
        });
        Ok(fields)
    }
}

impl<'n> de::Deserializer<'n> for Decoder<'n> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(value) => visitor.visit_i64(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Map(_) => visitor.visit_map(self.map()?),
        }
        .map_err(|error| error.at(self.node.position))
    }

    fn deserialize_str<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let text = self.node.as_str().ok_or_else(|| self.wanted("a text"))?;
        visitor.visit_borrowed_str(text).map_err(|error: DecodeError| error.at(self.node.position))
    }

    fn deserialize_string<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.node.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.value {
            Value::List(items) => visitor.visit_seq(Items { decoder: self, items: items.iter() }),
            _ => Err(self.wanted("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_map(self.map()?).map_err(|error: DecodeError| error.at(self.node.position))
    }

    fn deserialize_struct<V: Visitor<'n>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_map(self.fields(fields)?).map_err(|error: DecodeError| error.at(self.node.position))
    }

    fn deserialize_newtype_struct<V: Visitor<'n>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    /// A word, or a mapping of exactly one word to what belongs to it.
    fn deserialize_enum<V: Visitor<'n>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let at = |error: DecodeError| error.at(self.node.position);
        if let Some(word) = self.node.as_str() {
            let word: StrDeserializer<'_, DecodeError> = word.into_deserializer();
            return visitor.visit_enum(word).map_err(at);
        }
        match &self.node.value {
            Value::Map(entries) => {
                let [entry] = entries.as_slice() else { return Err(at(MistakeKind::OneOf(variants).into())) };
                visitor.visit_enum(Variant { decoder: self, entry })
            }
            _ => Err(self.wanted("a word")),
        }
    }

    fn deserialize_identifier<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'n>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

struct Items<'n> {
    decoder: Decoder<'n>,
    items: std::slice::Iter<'n, Node>,
}

impl<'n> SeqAccess<'n> for Items<'n> {
    type Error = DecodeError;

    fn next_element_seed<S: DeserializeSeed<'n>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, DecodeError> {
        let Some(item) = self.items.next() else { return Ok(None) };
        seed.deserialize(self.decoder.of(item)).map(Some).map_err(|error| error.at(item.position))
    }
}

struct Fields<'n> {
    decoder: Decoder<'n>,
    entries: Vec<&'n Entry>,
    next: usize,
}

impl<'n> MapAccess<'n> for Fields<'n> {
    type Error = DecodeError;

    fn next_key_seed<S: DeserializeSeed<'n>>(&mut self, seed: S) -> Result<Option<S::Value>, DecodeError> {
        let Some(entry) = self.entries.get(self.next) else { return Ok(None) };
        let key: BorrowedStrDeserializer<'n, DecodeError> = BorrowedStrDeserializer::new(&entry.key);
        seed.deserialize(key).map(Some).map_err(|error| error.at(entry.position))
    }

    fn next_value_seed<S: DeserializeSeed<'n>>(&mut self, seed: S) -> Result<S::Value, DecodeError> {
        let entry = self.entries[self.next];
        self.next += 1;
        seed.deserialize(self.decoder.of(&entry.value)).map_err(|error| error.at(entry.value.position))
    }
}

/// `{word: content}`.
struct Variant<'n> {
    decoder: Decoder<'n>,
    entry: &'n Entry,
}

impl<'n> EnumAccess<'n> for Variant<'n> {
    type Error = DecodeError;
    type Variant = Decoder<'n>;

    fn variant_seed<S: DeserializeSeed<'n>>(self, seed: S) -> Result<(S::Value, Decoder<'n>), DecodeError> {
        let word: BorrowedStrDeserializer<'n, DecodeError> = BorrowedStrDeserializer::new(&self.entry.key);
        let value = seed.deserialize(word).map_err(|error| error.at(self.entry.position))?;
        Ok((value, self.decoder.of(&self.entry.value)))
    }
}

impl<'n> VariantAccess<'n> for Decoder<'n> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Err(self.wanted("nothing"))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'n>>(self, seed: S) -> Result<S::Value, DecodeError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'n>>(self, _length: usize, visitor: V) -> Result<V::Value, DecodeError> {
        de::Deserializer::deserialize_seq(self, visitor)
    }

    fn struct_variant<V: Visitor<'n>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        de::Deserializer::deserialize_struct(self, "", fields, visitor)
    }
}
