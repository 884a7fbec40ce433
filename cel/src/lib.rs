#![forbid(unsafe_code)]
#![warn(missing_docs)]
//! The Common Expression Language.
//!
//! An expression is compiled once against an [`Environment`], which says what it may name, and evaluated against
//! any number of inputs. An input is whatever implements [`Input`]: it answers a look-up with a value, with
//! "there is none", or with "that cannot be known", and an expression that depends on what cannot be known is
//! [`Outcome::Unknown`], with cel-go's rules: `false && unknown` is false.
//!
//! ```
//! use cel::{Budget, Environment, Outcome, Program, StaticType};
//!
//! let environment = Environment::standard().with_variable("pod", StaticType::Dyn);
//! let program = Program::compile(&environment, "pod.containers.all(c, c.image.startsWith('registry/'))").unwrap();
//!
//! let input = serde_json::json!({"pod": {"containers": [{"image": "registry/app:1"}, {"image": "app"}]}});
//! let Outcome::Value(value) = program.evaluate(&input, &mut Budget::default()) else {
//!     panic!("nothing here fails or is unknown");
//! };
//! assert_eq!(value.as_bool(), Some(false));
//! ```
//!
//! What is wrong with an expression is said with its place in the source and the name that was perhaps meant:
//!
//! ```
//! use cel::{Environment, Program, StaticType};
//!
//! let environment = Environment::standard().with_variable("event", StaticType::Dyn);
//! let errors = Program::compile(&environment, "evnt.kind == 'Exec'").unwrap_err();
//! assert_eq!(errors.to_string(), "1:1: undeclared name \"evnt\", did you mean \"event\"?");
//! ```
//!
//! No source and no input makes this crate panic, hang or exhaust the stack: sources are limited in size (100,000
//! bytes) and depth (250 expressions inside each other), and an evaluation in [steps](Budget). The deepest expressions
//! take 1 MiB of stack in an optimised build and 2 MiB in one that is not, which is what a thread has by default;
//! compile and evaluate on no smaller one.

mod ast;
mod budget;
mod check;
mod compile;
mod environment;
mod error;
mod evaluate;
mod fault;
mod functions;
mod input;
mod lexer;
mod node;
mod outcome;
mod parser;
mod pattern;
mod position;
mod program;
mod regex;
mod static_type;
mod value;

pub use budget::Budget;
pub use environment::Environment;
pub use error::{CompileError, CompileErrorKind, CompileErrors, EvaluationError, EvaluationErrorKind, Style};
pub use input::{Array, Failure, Input, Lookup, Object};
pub use outcome::Outcome;
pub use pattern::AttributePattern;
pub use position::Position;
pub use program::{Program, Read};
pub use static_type::{ObjectType, SchemaError, StaticType};
pub use value::{
    Bytes, Cidr, Duration, Held, Key, List, Map, NetworkError, Optional, RepeatedKey, Str, TimeError,
    Timestamp, Type, Value,
};

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
