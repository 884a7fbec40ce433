//! The expression language against cel-go: the same answers, value for value, error for error, unknown for unknown.
//!
//! The oracle is a Go program that `cargo xtask test` builds. Where it is not there, these tests are counted as ignored.

use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tests::machine::Lacking;
use tests::oracle::Oracle;

use crate::differential::judge::{self, Case, Disagreement};
use crate::differential::tree::Fault;
use crate::differential::{corpus, differences, generated, patterns};

mod differential {
    pub(crate) mod corpus;
    pub(crate) mod differences;
    pub(crate) mod errors;
    pub(crate) mod form;
    pub(crate) mod generate;
    pub(crate) mod generated;
    pub(crate) mod input;
    pub(crate) mod judge;
    pub(crate) mod kind;
    pub(crate) mod language;
    pub(crate) mod leaves;
    pub(crate) mod patterns;
    pub(crate) mod random;
    pub(crate) mod tree;
}

/// How many generated expressions are compared.
const GENERATED: usize = 24_000;
/// How many regular expressions are.
const PATTERNS: usize = 10_000;
/// Among so many, a fault that is made on purpose must show.
const FAULTY: usize = 2_000;
const SEED: u64 = 20_261_124;

fn main() {
    let arguments = Arguments::from_args();
    let trials = vec![
        trial("the_specifications_expressions_come_to_the_same", || the_same(&corpus::specification()?)),
        trial("the_policies_expressions_come_to_the_same", || the_same(&corpus::policies()?)),
        trial("the_policies_expressions_come_to_the_same_in_the_api_servers_environment", || {
            the_same(&as_kubernetes()?)
        }),
        trial("expressions_at_the_edges_come_to_the_same", || the_same(&corpus::by_hand())),
        trial("every_known_difference_is_one", every_known_difference_is_one),
        trial("the_page_of_known_differences_is_as_the_list_has_it", differences::page_is_in_step),
        trial("generated_expressions_come_to_the_same", generated_expressions_come_to_the_same),
        trial("patterns_find_the_same", || the_same(&patterns::cases(SEED, PATTERNS))),
        trial("a_wrong_precedence_shows", || a_fault_shows(Fault::Precedence)),
        trial("a_wrong_overflow_shows", || a_fault_shows(Fault::Overflow)),
        trial("a_wrong_short_circuit_shows", || a_fault_shows(Fault::ShortCircuit)),
    ];
    libtest_mimic::run(&arguments, trials).exit()
}

fn trial(name: &str, test: impl FnOnce() -> Result<()> + Send + 'static) -> Trial {
    Trial::ignorable_test(name, || match test() {
        Ok(()) => Ok(Completion::Completed),
        Err(failure) => match failure.downcast_ref::<Lacking>() {
            Some(lacking) => Ok(Completion::ignored_with(lacking)),
            None => Err(Failed::from(format!("{failure:?}"))),
        },
    })
}

fn generated_expressions_come_to_the_same() -> Result<()> {
    let seed = std::env::var("SEED").ok().and_then(|it| it.parse().ok()).unwrap_or(SEED);
    let count = std::env::var("COUNT").ok().and_then(|it| it.parse().ok()).unwrap_or(GENERATED);
    let found = generated::compare(&mut Oracle::start()?, seed, count, None)?;
    none(&found.disagreements, found.compared)
}

/// The policies' expressions, and those of the Pod Security Standards, compiled as the API server compiles a policy's.
fn as_kubernetes() -> Result<Vec<Case>> {
    let mut cases = corpus::policies()?;
    cases.extend(corpus::pod_security());
    for case in &mut cases {
        case.request.environment = "kubernetes";
    }
    Ok(cases)
}

fn the_same(cases: &[Case]) -> Result<()> {
    let mut disagreements = Vec::new();
    judge::ask_all(&mut Oracle::start()?, cases, |_, disagreement| disagreements.push(disagreement))?;
    none(&disagreements, cases.len())
}

fn every_known_difference_is_one() -> Result<()> {
    let mut oracle = Oracle::start()?;
    for difference in differences::ALL {
        let case = Case::alike(difference.request());
        let found = judge::disagreement(&mut oracle, &case)?;
        let is = found.as_ref().is_some_and(difference.is);
        ensure!(
            is,
            "{}: the judges do not differ about {} in this way: {found:?}",
            difference.name,
            difference.example
        );
    }
    Ok(())
}

fn none(disagreements: &[Disagreement], compared: usize) -> Result<()> {
    let shown: Vec<_> = disagreements.iter().take(200).map(Disagreement::report).collect();
    let count = disagreements.len();
    ensure!(
        count == 0,
        "{count} disagreements among {compared} expressions, such as\n\n{}",
        shown.join("\n\n")
    );
    Ok(())
}

fn a_fault_shows(fault: Fault) -> Result<()> {
    let found = generated::compare(&mut Oracle::start()?, SEED, FAULTY, Some(fault))?;
    ensure!(!found.disagreements.is_empty(), "{fault:?} shows in none of {} expressions", found.compared);
    Ok(())
}
