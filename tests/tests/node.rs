//! Tests on this machine's kernel. Run as root by `cargo xtask test`; one that cannot run here is counted as ignored
//! and says why.

use anyhow::Result;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tests::machine::Lacking;

mod node {
    pub(crate) mod bad_input;
    pub(crate) mod bytes;
    pub(crate) mod calls;
    pub(crate) mod capabilities;
    pub(crate) mod containerd;
    pub(crate) mod count;
    pub(crate) mod creep;
    pub(crate) mod crowd;
    pub(crate) mod declared;
    pub(crate) mod denial;
    pub(crate) mod diagnostics;
    pub(crate) mod drift;
    pub(crate) mod foreign;
    pub(crate) mod hooks;
    pub(crate) mod identity;
    pub(crate) mod kill;
    pub(crate) mod moves;
    pub(crate) mod namespaces;
    pub(crate) mod network;
    pub(crate) mod origin;
    pub(crate) mod overrun;
    pub(crate) mod policies;
    pub(crate) mod refusals;
    pub(crate) mod sockets;
    pub(crate) mod stage;
    pub(crate) mod stop;
}

type Test = (&'static str, fn() -> Result<()>);

fn main() {
    // One agent at a time, and nothing beside the storm that it counts.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let themes = [
        node::stage::TESTS,
        node::count::TESTS,
        node::overrun::TESTS,
        node::origin::TESTS,
        node::identity::TESTS,
        node::bytes::TESTS,
        node::calls::TESTS,
        node::capabilities::TESTS,
        node::sockets::TESTS,
        node::declared::TESTS,
        node::foreign::TESTS,
        node::network::TESTS,
        node::namespaces::TESTS,
        node::drift::TESTS,
        node::creep::TESTS,
        node::denial::TESTS,
        node::hooks::TESTS,
        node::kill::TESTS,
        node::policies::TESTS,
        node::refusals::TESTS,
        node::stop::TESTS,
        node::diagnostics::TESTS,
        node::crowd::TESTS,
        node::bad_input::TESTS,
        node::containerd::TESTS,
        node::moves::TESTS,
    ];
    let trials = themes
        .iter()
        .flat_map(|theme| theme.iter())
        .map(|(name, test)| Trial::ignorable_test(name.trim_start_matches("node::"), || outcome(*test)))
        .collect();
    libtest_mimic::run(&arguments, trials).exit()
}

fn outcome(test: fn() -> Result<()>) -> Result<Completion, Failed> {
    match test() {
        Ok(()) => Ok(Completion::Completed),
        Err(failure) => match failure.downcast_ref::<Lacking>() {
            Some(lacking) => Ok(Completion::ignored_with(lacking)),
            None => Err(Failed::from(format!("{failure:?}"))),
        },
    }
}

/// Names each function of a theme as a test.
#[macro_export]
macro_rules! theme {
    ($($test:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[$crate::Test] = &[
            $((concat!(module_path!(), "::", stringify!($test)), $test)),+
        ];
    };
}
