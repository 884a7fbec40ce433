use super::*;

fn shell(script: &str) -> Cmd {
    Cmd::new("sh").arg("-c").arg(script)
}

#[test]
fn output_is_returned() {
    assert_eq!(shell("echo one; echo two >&2").read().unwrap(), "one\n");
}

#[test]
fn a_failure_names_the_command_its_last_lines_and_what_to_do() {
    let script = "for n in $(seq 30); do echo line $n; done; exit 3";
    let error = shell(script).hint("count to less").run_quietly().unwrap_err().to_string();

    assert!(error.starts_with("`sh -c 'for n in"), "{error}");
    assert!(error.contains("exit status: 3"), "{error}");
    assert!(error.contains("line 30") && error.contains("line 11"), "{error}");
    assert!(!error.contains("line 10\n"), "{error}");
    assert!(error.ends_with("to do: count to less"), "{error}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let error = Cmd::new("/no/such/program").arg("x").run_quietly().unwrap_err().to_string();
    assert_eq!(error, "cannot start `/no/such/program x`");
}

#[test]
fn what_to_do_is_said_of_a_program_that_is_not_there_too() {
    let error = Cmd::new("/no/such/program").hint("install it").run_quietly().unwrap_err();
    let expected = "cannot start `/no/such/program`\n  to do: install it\n : No such file";
    assert!(format!("{error:#}").starts_with(expected), "{error:#}");
}

#[test]
fn command_lines_are_quoted_where_a_shell_would_need_it() {
    assert_eq!(shell("a b").arg("").arg("--x=1").line(), "sh -c 'a b' '' --x=1");
}
