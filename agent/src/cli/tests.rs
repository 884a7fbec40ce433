use clap::CommandFactory;

use super::*;

#[test]
fn command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn ring_sizes_are_powers_of_two_of_whole_pages() {
    assert_eq!(ring_bytes("65536"), Ok(65_536));
    assert!(ring_bytes("2048").is_err());
    assert!(ring_bytes("65537").is_err());
    assert!(ring_bytes("-1").is_err());
}

#[test]
fn output_may_be_given_several_times() {
    let cli = Cli::try_parse_from([
        "plumb-agent",
        "run",
        "--policies",
        "p",
        "--declarations",
        "d",
        "--output",
        "f",
        "--output",
        "-",
    ]);
    let Ok(Cli { verb: Verb::Run(run) }) = cli else { panic!("{cli:?}") };
    assert_eq!(run.output, [PathBuf::from("f"), PathBuf::from("-")]);
}

#[test]
fn folder_given_twice_is_the_last_one() {
    let cli = Cli::try_parse_from([
        "plumb-agent",
        "run",
        "--policies",
        "default",
        "--declarations",
        "d",
        "--policies",
        "own",
    ]);
    let Ok(Cli { verb: Verb::Run(run) }) = cli else { panic!("{cli:?}") };
    assert_eq!(run.policies, PathBuf::from("own"));
}
