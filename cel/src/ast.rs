//! The tree that the parser makes.

/// An expression and where it is: an operator's place is that of its sign, a call's that of its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr {
    pub(crate) offset: usize,
    /// How many expressions are on the longest way down from here.
    pub(crate) depth: usize,
    pub(crate) kind: ExprKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExprKind {
    Literal(Literal),
    /// A name; `absolute` where a dot stands before it.
    Name {
        name: String,
        absolute: bool,
    },
    /// `operand.field`; with `optional`, `operand.?field`.
    Select {
        operand: Box<Expr>,
        field: String,
        optional: bool,
    },
    /// `operand[index]`; with `optional`, `operand[?index]`.
    Index {
        operand: Box<Expr>,
        index: Box<Expr>,
        optional: bool,
    },
    /// A function or a macro; with a target, a member function.
    Call {
        target: Option<Box<Expr>>,
        name: String,
        absolute: bool,
        arguments: Vec<Expr>,
    },
    Unary {
        operator: Unary,
        operand: Box<Expr>,
    },
    Binary {
        operator: Binary,
        operands: [Box<Expr>; 2],
    },
    /// `a && b && c`, or with `||`, however long: the terms are equals.
    Logic {
        operator: Logic,
        terms: Vec<Expr>,
    },
    Conditional {
        operands: [Box<Expr>; 3],
    },
    List(Vec<Element>),
    Map(Vec<Entry>),
}

/// An element of a list; with `optional`, `[?value]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Element {
    pub(crate) value: Expr,
    pub(crate) optional: bool,
}

/// An entry of a map; with `optional`, `{?key: value}`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Expr,
    pub(crate) value: Expr,
    pub(crate) optional: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(String),
    Bytes(Vec<u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Not,
    Negate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logic {
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Unary {
    /// The operator's name in errors, as cel-go has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Not => "!_",
            Self::Negate => "-_",
        }
    }
}

impl Logic {
    /// The operator's name in errors, as cel-go has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::And => "_&&_",
            Self::Or => "_||_",
        }
    }
}

impl Binary {
    /// The operator's name in errors, as cel-go has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Equal => "_==_",
            Self::NotEqual => "_!=_",
            Self::Less => "_<_",
            Self::LessOrEqual => "_<=_",
            Self::Greater => "_>_",
            Self::GreaterOrEqual => "_>=_",
            Self::In => "@in",
            Self::Add => "_+_",
            Self::Subtract => "_-_",
            Self::Multiply => "_*_",
            Self::Divide => "_/_",
            Self::Remainder => "_%_",
        }
    }
}

impl ExprKind {
    /// The longest way down among the children.
    pub(crate) fn children_depth(&self) -> usize {
        fn deepest(of: &[Expr]) -> usize {
            of.iter().map(|child| child.depth).max().unwrap_or(0)
        }
        match self {
            Self::Literal(_) | Self::Name { .. } => 0,
            Self::Select { operand, .. } | Self::Unary { operand, .. } => operand.depth,
            Self::Index { operand, index, .. } => operand.depth.max(index.depth),
            Self::Call { target, arguments, .. } => {
                target.as_ref().map_or(0, |it| it.depth).max(deepest(arguments))
            }
            Self::Binary { operands: [one, two], .. } => one.depth.max(two.depth),
            Self::Logic { terms, .. } => deepest(terms),
            Self::Conditional { operands: [one, two, three] } => one.depth.max(two.depth).max(three.depth),
            Self::List(elements) => elements.iter().map(|element| element.value.depth).max().unwrap_or(0),
            Self::Map(entries) => {
                entries.iter().map(|entry| entry.key.depth.max(entry.value.depth)).max().unwrap_or(0)
            }
        }
    }
}
