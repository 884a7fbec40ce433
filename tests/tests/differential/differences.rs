//! What cel-go and the specification say differently, one by one. Any other difference is a fault.

use std::fs;
use std::net::Ipv6Addr;

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};
use tests::calls::{Call, calls};
use tests::oracle::Request;
use tests::value;

use crate::differential::judge::{Answer, Disagreement, mentions};

/// A difference that is known.
pub(crate) struct Difference {
    pub(crate) name: &'static str,
    /// What each does, and why we do as we do.
    pub(crate) reason: &'static str,
    /// An expression about which the judges differ in this way, over the variables `i`, which is 1, and `x`, which is
    /// `{'a': 'a'}`.
    pub(crate) example: &'static str,
    /// The patterns of what is unknown, a variable and its fields each, `*` for any.
    pub(crate) unknown: &'static [&'static [&'static str]],
    /// Whether a disagreement is this one.
    pub(crate) is: fn(&Disagreement) -> bool,
}

impl Difference {
    /// What both are asked to see it.
    pub(crate) fn request(&self) -> Request {
        let step = |step: &&str| if *step == "*" { Json::Null } else { Json::from(*step) };
        let input = [("i", value::of_json(&json!(1))), ("x", value::of_json(&json!({"a": "a"})))];
        Request {
            environment: "standard",
            expr: self.example.to_owned(),
            check: true,
            variables: input.iter().map(|(name, _)| ((*name).to_owned(), "dyn".into())).collect(),
            input: input.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            unknowns: self.unknown.iter().map(|path| path.iter().map(step).collect()).collect(),
            ..Request::default()
        }
    }
}

/// Every known difference.
pub(crate) const ALL: &[Difference] = &[
    Difference {
        name: "a key that comes twice in a map literal",
        reason: "The specification: an error. cel-go 0.29 keeps the last entry.",
        example: "{1: 'a', 1: 'b'}",
        unknown: &[],
        is: |it| we_fail(it, "failed with repeated key"),
    },
    Difference {
        name: "a key in a map literal that is no bool, int, uint or string",
        reason: "The specification: an error. cel-go 0.29 takes any value, and finds it again only as what it is.",
        example: "{1.5: 'a'}",
        unknown: &[],
        is: |it| we_fail(it, "unsupported key type: ") && matches!(it.theirs.answer, Answer::Value(_)),
    },
    Difference {
        name: "a search from behind the end of a string",
        reason: "The specification: an error. cel-go 0.29 answers -1.",
        example: "'abc'.indexOf('a', 4)",
        unknown: &[],
        is: |it| {
            let Answer::Failed(error) = &it.ours.answer else { return false };
            let Some(index) = error.strip_prefix("index out of range: ") else { return false };
            // A second argument that is no literal could be any.
            let from = |call: &Call<'_>| {
                let [_, from] = call.arguments[..] else { return false };
                from == index || from.parse::<i64>().is_err()
            };
            ["indexOf", "lastIndexOf"].iter().any(|name| calls(&it.case.ours, name).iter().any(from))
        },
    },
    Difference {
        name: "the milliseconds of a duration",
        reason: "The specification: those since the last whole second. cel-go 0.29 answers all of it in milliseconds.",
        example: "duration('1.5s').getMilliseconds()",
        unknown: &[],
        is: |it| {
            let of_a_duration =
                |call: &Call<'_>| call.arguments.is_empty() && may_be_a_duration(it, call.target);
            are_values(it) && calls(&it.case.ours, "getMilliseconds").iter().any(of_a_duration)
        },
    },
    Difference {
        name: "the type of a list of optional values and nulls",
        reason: "The specification: of optional values, since null is one's absence. cel-go 0.29: of nulls.",
        example: "[optional.of(1), null][0]",
        unknown: &[],
        is: |it| {
            are_values(it)
                && it.theirs.deduced.as_deref() == Some("null_type")
                && it.ours.answer == it.theirs.answer
        },
    },
    Difference {
        name: "an IPv4 address written as an IPv6 one",
        reason: "The specification: the same address. cel-go 0.29 and the API server refuse it.",
        example: "ip('::ffff:c0a8:1')",
        unknown: &[],
        is: |it| {
            let (Answer::Failed(error) | Answer::Refused(error)) = &it.theirs.answer else { return false };
            let named =
                error.split_once("IPv4-mapped IPv6 address \"").and_then(|(_, rest)| rest.split_once('"'));
            named.is_some_and(|(address, _)| is_mapped(address))
        },
    },
    Difference {
        name: "a constant that is no address",
        reason: "The specification: the evaluation fails. cel-go 0.29 refuses to compile it.",
        example: "true || isCIDR(string(ip('1.2.3')))",
        unknown: &[],
        is: |it| {
            matches!(&it.theirs.answer, Answer::Refused(error)
            if error.contains("invalid ip argument") || error.contains("invalid cidr argument"))
        },
    },
    Difference {
        name: "a macro's variable with the name of an unknown one",
        reason: "The specification: it is the macro's. cel-go 0.29 takes it for the unknown one where it is read as the \
                 element that `filter` keeps.",
        example: "[1].filter(i, true)",
        unknown: &[&["i"]],
        is: |it| {
            matches!(it.theirs.answer, Answer::Unknown(_))
                && !matches!(it.ours.answer, Answer::Unknown(_))
                && binds_an_unknown(it)
        },
    },
    Difference {
        name: "an index that is unknown itself",
        reason: "cel-go 0.29 names a path that is none, with the other's text in it. We name the index's path.",
        example: "x[x.a] == 1",
        unknown: &[&["x", "*"]],
        is: |it| matches!(&it.theirs.answer, Answer::Unknown(paths) if paths.iter().any(|path| path.contains(" ("))),
    },
    Difference {
        name: "bytes looked for in a map",
        reason: "The specification: they are no key, so that the map has none. cel-go 0.29 fails inside Go.",
        example: "dyn(b'a') in x",
        unknown: &[],
        is: |it| matches!(&it.theirs.answer, Answer::Failed(error) if error.contains("hash of unhashable type types.Bytes")),
    },
];

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cel-differences.md");

/// The page for people.
fn page() -> String {
    let mut page = String::from(
        "# Where the expression language differs from cel-go\n\n\
         Written from the list in `tests/tests/differential/differences.rs`; a test keeps both in step and shows that\n\
         each is still one. The differential tests compare everything else in value, error and unknown, with cel-go 0.29.\n\n\
         | what | why | for example |\n| --- | --- | --- |\n",
    );
    for Difference { name, reason, example, .. } in ALL {
        page += &format!("| {name} | {reason} | `{}` |\n", example.replace('|', "\\|"));
    }
    page + "\nValues nested more than 128 deep are not compared: an error of ours alone. An expression nested more than 250 deep\n\
            does not compile; cel-go has the same limit, and counts some forms in another way.\n\n\
            Time zones are those of the database that is built in, the same on every machine. cel-go asks the machine's, which\n\
            may know more: with Debian's, `timestamp('1850-01-01T00:00:00Z').getMinutes('Europe/Amsterdam')` is 19 there and 17\n\
            here, where zones that agree since 1970 are one, and `posix/UTC` is a zone only there.\n\n\
            Of what is unknown cel-go names the first part only where it builds a list or a map, or compares; we name every part\n\
            that the expression depends on. An unknown is one for both.\n"
}

/// With `UPDATE_GOLDEN` the page is written instead.
pub(crate) fn page_is_in_step() -> Result<()> {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        return fs::write(PAGE, page()).context("write the page");
    }
    let there = fs::read_to_string(PAGE).with_context(|| format!("read {PAGE}"))?;
    ensure!(there == page(), "{PAGE} is not as the list has it; UPDATE_GOLDEN=1 writes it anew");
    Ok(())
}

/// Whether a disagreement is one of the known ones.
pub(crate) fn is_known(disagreement: &Disagreement) -> bool {
    ALL.iter().any(|difference| (difference.is)(disagreement))
}

/// Whether a macro binds the name of a variable of which something is unknown.
fn binds_an_unknown(disagreement: &Disagreement) -> bool {
    let bound = |name: &str| {
        ["(", ", "].iter().any(|before| disagreement.case.ours.contains(&format!("{before}{name}, ")))
    };
    disagreement.case.request.unknowns.iter().any(|path| path[0].as_str().is_some_and(bound))
}

/// Whether the text in front of the call could be a duration: it speaks of one, subtracts, or names a variable that
/// may be one or that a macro bound.
fn may_be_a_duration(disagreement: &Disagreement, target: &str) -> bool {
    let is_name = target.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let declared = &disagreement.case.request.variables;
    let may_be =
        |kind: &Json| kind.as_str().is_none_or(|kind| kind.contains("Duration") || kind.contains("dyn"));
    let variable = declared.iter().any(|(name, kind)| mentions(target, name) && may_be(kind));
    let bound = is_name && !declared.contains_key(target);
    variable || bound || target.contains('-') || mentions(target, "duration")
}

/// Whether it is an IPv4 address, or a network of such, in the form of an IPv6 one.
fn is_mapped(address: &str) -> bool {
    let (address, _) = address.split_once('/').unwrap_or((address, ""));
    address.parse::<Ipv6Addr>().is_ok_and(|address| address.to_ipv4_mapped().is_some())
}

fn are_values(disagreement: &Disagreement) -> bool {
    matches!((&disagreement.ours.answer, &disagreement.theirs.answer), (Answer::Value(_), Answer::Value(_)))
}

fn we_fail(disagreement: &Disagreement, beginning: &str) -> bool {
    matches!(&disagreement.ours.answer, Answer::Failed(error) if error.starts_with(beginning))
}
