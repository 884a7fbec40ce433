//! Generated expressions, and what a disagreement about one comes down to.

use anyhow::Result;
use serde_json::Map;
use tests::oracle::{Oracle, Request};

use crate::differential::generate::Generator;
use crate::differential::input;
use crate::differential::judge::{self, Case, Disagreement, mentions};
use crate::differential::tree::{Fault, Tree};

/// How many are asked for at once.
const LOT: usize = 500;
/// How many disagreements are looked into.
const SHOWN: usize = 20;
/// How many questions the making smaller of one may cost.
const QUESTIONS: usize = 400;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) compared: usize,
    pub(crate) disagreements: Vec<Disagreement>,
}

/// Compares so many expressions. With a fault, only those that it changes are asked about.
pub(crate) fn compare(oracle: &mut Oracle, seed: u64, count: usize, fault: Option<Fault>) -> Result<Found> {
    let mut generator = Generator::new(seed);
    let mut found = Found::default();
    while found.compared < count {
        let lot: Vec<_> =
            (0..LOT.min(count - found.compared)).map(|_| question(&mut generator, fault)).collect();
        found.compared += lot.len();
        let cases: Vec<_> = lot.iter().map(|(_, case)| case.clone()).collect();
        let mut different = Vec::new();
        judge::ask_all(oracle, &cases, |index, disagreement| different.push((index, disagreement)))?;
        for (index, disagreement) in different {
            let looked_into = found.disagreements.len() < SHOWN;
            let tree = &lot[index].0;
            let smaller =
                if looked_into { smallest(oracle, tree, disagreement, fault)? } else { disagreement };
            found.disagreements.push(smaller);
        }
    }
    Ok(found)
}

fn question(generator: &mut Generator, fault: Option<Fault>) -> (Tree, Case) {
    let tree = generator.expression();
    let input = input::input(generator.random());
    let unknowns = input::unknowns(generator.random(), &tree.bound());
    let variables = input::variables().map(|(name, kind)| (name.to_owned(), kind.into())).collect();
    let check = generator.random().percent(50);
    let request =
        Request { environment: "standard", variables, check, input, unknowns, ..Request::default() };
    let case = case(&tree, &request, fault);
    (tree, case)
}

fn case(tree: &Tree, request: &Request, fault: Option<Fault>) -> Case {
    let expr = tree.text(None);
    let input: Map<_, _> =
        request.input.clone().into_iter().filter(|(name, _)| mentions(&expr, name)).collect();
    Case { ours: tree.text(fault), request: Request { expr, input, ..request.clone() } }
}

/// The disagreement with ever more of its expression taken away, for as long as it is one.
fn smallest(
    oracle: &mut Oracle,
    tree: &Tree,
    found: Disagreement,
    fault: Option<Fault>,
) -> Result<Disagreement> {
    let (mut tree, mut found) = (tree.clone(), found);
    let mut questions = 0;
    'smaller: loop {
        for candidate in tree.smaller() {
            questions += 1;
            if questions > QUESTIONS {
                return Ok(found);
            }
            let case = case(&candidate, &found.case.request, fault);
            if let Some(disagreement) = judge::ask(oracle, &case)? {
                (tree, found) = (candidate, disagreement);
                continue 'smaller;
            }
        }
        return Ok(found);
    }
}
