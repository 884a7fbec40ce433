//! Tests on this machine's kernel. Run as root by `cargo xtask test`; one that cannot run here is counted as ignored
//! and says why.

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tests::machine::Lacking;

mod node {
    pub(crate) mod stage;
}

use node::stage;

/// A test, which says what the machine lacks, or fails, or passes.
type Test = fn() -> anyhow::Result<Result<(), Lacking>>;

const TESTS: &[(&str, Test)] = &[(
    "stage::container_runs_in_its_group_and_leaves_nothing",
    stage::container_runs_in_its_group_and_leaves_nothing,
)];

fn main() {
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let trials = TESTS.iter().map(|(name, test)| Trial::ignorable_test(*name, || outcome(*test))).collect();
    libtest_mimic::run(&arguments, trials).exit()
}

fn outcome(test: Test) -> Result<Completion, Failed> {
    match test() {
        Ok(Ok(())) => Ok(Completion::Completed),
        Ok(Err(lacking)) => Ok(Completion::ignored_with(lacking)),
        Err(failure) => Err(Failed::from(format!("{failure:?}"))),
    }
}
