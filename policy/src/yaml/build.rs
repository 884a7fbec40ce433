//! From the parser's events to trees, within limits.

mod mapping;

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput};

use super::node::{Entry, Node, Value};
use super::resolve::{self, Tag};
use super::{Error, ErrorKind, MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_SCALAR_BYTES, Position};
use mapping::Mapping;

/// The documents of a text, one after the other, so that a long file is never held as one tree.
///
/// A document whose YAML is well-formed but means nothing (a key given twice) is an error, and those after it are
/// still read; after a mistake of syntax or a limit nothing follows.
pub fn documents(text: &str) -> impl Iterator<Item = Result<Node, Error>> {
    // Editors of some systems write a mark of the byte order, which is no part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Documents {
        parser: (text.len() <= MAX_BYTES).then(|| Parser::new_from_str(text)),
        too_long: (text.len() > MAX_BYTES).then_some(text.len()),
    }
}

struct Documents<'a> {
    /// None once nothing more can be read.
    parser: Option<Parser<'a, StrInput<'a>>>,
    too_long: Option<usize>,
}

impl Iterator for Documents<'_> {
    type Item = Result<Node, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(length) = self.too_long.take() {
            return Some(Err(Error { position: Position::START, kind: ErrorKind::TooLong(length) }));
        }
        let parser = self.parser.as_mut()?;
        let result = next_document(parser);
        match &result {
            Some(Err(error)) if !is_fatal(&error.kind) => {
                if !skip_document(parser) {
                    self.parser = None;
                }
            }
            Some(Ok(_)) => {}
            None | Some(Err(_)) => self.parser = None,
        }
        result
    }
}

fn is_fatal(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::Syntax(_) | ErrorKind::TooDeep | ErrorKind::TooMany)
}

/// Reads on to the document's end; false if that is impossible.
fn skip_document(parser: &mut Parser<'_, StrInput<'_>>) -> bool {
    loop {
        match parser.next_event() {
            Some(Ok((Event::DocumentEnd, _))) => return true,
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return false,
        }
    }
}

fn next_document<'a>(parser: &mut Parser<'a, StrInput<'a>>) -> Option<Result<Node, Error>> {
    loop {
        match parser.next_event()? {
            Ok((Event::DocumentStart(_), _)) => return Some(Builder::new(parser).document()),
            Ok(_) => {}
            Err(error) => return Some(Err(syntax(&error))),
        }
    }
}

fn syntax(error: &saphyr_parser::ScanError) -> Error {
    Error { position: position(error.marker()), kind: ErrorKind::Syntax(error.info().to_owned()) }
}

fn position(marker: &Marker) -> Position {
    Position { line: marker.line().max(1), column: marker.col() + 1 }
}

/// What a subtree weighs against the limits.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

struct Builder<'p, 'a> {
    parser: &'p mut Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, (Node, Weight)>,
    total: Weight,
}

impl<'p, 'a> Builder<'p, 'a> {
    fn new(parser: &'p mut Parser<'a, StrInput<'a>>) -> Self {
        Self { parser, anchors: HashMap::new(), total: Weight::default() }
    }

    fn document(mut self) -> Result<Node, Error> {
        let (event, span) = self.event()?;
        let (node, _) = self.node(event, span, 0)?;
        self.event()?;
        Ok(node)
    }

    fn event(&mut self) -> Result<(Event<'a>, Span), Error> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(syntax(&error)),
            None => Err(Error {
                position: Position::START,
                kind: ErrorKind::Syntax("the text ends too early".to_owned()),
            }),
        }
    }

    /// The node that begins with `event`, at this depth.
    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<(Node, Weight), Error> {
        let position = position(&span.start);
        let at = |kind| Error { position, kind };
        let before = self.total;
        let (anchor, value, height) = match event {
            Event::Alias(id) => return self.alias(id, depth).map_err(at),
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| tag_of(&tag));
                let value = resolve::resolve(&text, style == ScalarStyle::Plain, tag).map_err(at)?;
                self.add(1, text.len()).map_err(at)?;
                (anchor, value, 0)
            }
            _ if depth == MAX_DEPTH => return Err(at(ErrorKind::TooDeep)),
            Event::SequenceStart(anchor, _) => {
                self.add(1, 0).map_err(at)?;
                let (items, height) = self.list(depth + 1)?;
                (anchor, Value::List(items), height + 1)
            }
            Event::MappingStart(anchor, _) => {
                self.add(1, 0).map_err(at)?;
                let (entries, height) = self.map(depth + 1)?;
                (anchor, Value::Map(entries), height + 1)
            }
            // The parser gives no other event where a value begins.
            _ => return Err(at(ErrorKind::Syntax("a value is missing here".to_owned()))),
        };
        let node = Node { position, value };
        let weight = Weight {
            nodes: self.total.nodes - before.nodes,
            bytes: self.total.bytes - before.bytes,
            depth: height,
        };
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), weight));
        }
        Ok((node, weight))
    }

    fn list(&mut self, depth: usize) -> Result<(Vec<Node>, usize), Error> {
        let (mut items, mut height) = (Vec::new(), 0);
        loop {
            let (event, span) = self.event()?;
            if event == Event::SequenceEnd {
                return Ok((items, height));
            }
            let (node, weight) = self.node(event, span, depth)?;
            height = height.max(weight.depth);
            items.push(node);
        }
    }

    fn map(&mut self, depth: usize) -> Result<(Vec<Entry>, usize), Error> {
        let (mut entries, mut height) = (Mapping::default(), 0);
        loop {
            let (event, span) = self.event()?;
            if event == Event::MappingEnd {
                return Ok((entries.entries, height));
            }
            let merges = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let (key, _) = self.node(event, span, depth)?;
            let (event, span) = self.event()?;
            let (value, weight) = self.node(event, span, depth)?;
            height = height.max(weight.depth);
            if merges {
                entries.merge(value)?;
            } else {
                entries.set(&key, value)?;
            }
        }
    }

    fn alias(&mut self, id: usize, depth: usize) -> Result<(Node, Weight), ErrorKind> {
        let Some((node, weight)) = self.anchors.get(&id) else {
            return Err(ErrorKind::AliasInsideItself);
        };
        let (node, weight) = (node, *weight);
        if depth + weight.depth > MAX_DEPTH {
            return Err(ErrorKind::TooDeep);
        }
        // The weight is checked before the copy is made.
        let total = Self::heavier(self.total, weight.nodes, weight.bytes)?;
        let node = node.clone();
        self.total = total;
        Ok((node, weight))
    }

    fn add(&mut self, nodes: usize, bytes: usize) -> Result<(), ErrorKind> {
        self.total = Self::heavier(self.total, nodes, bytes)?;
        Ok(())
    }

    fn heavier(total: Weight, nodes: usize, bytes: usize) -> Result<Weight, ErrorKind> {
        let total = Weight { nodes: total.nodes + nodes, bytes: total.bytes + bytes, ..total };
        let within = total.nodes <= MAX_NODES && total.bytes <= MAX_SCALAR_BYTES;
        within.then_some(total).ok_or(ErrorKind::TooMany)
    }
}

fn tag_of(tag: &saphyr_parser::Tag) -> Tag {
    if tag.is_yaml_core_schema() { Tag::from_suffix(&tag.suffix) } else { Tag::Other }
}
