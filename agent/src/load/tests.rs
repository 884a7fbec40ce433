use std::process::Command;

use super::*;

fn programs() -> Programs {
    let node = Node::read(None).expect("the node can be read by root");
    Programs::load(&node, RingSizes { lifecycle: 4096, facts: 4096 }).expect("this kernel takes programs")
}

#[test]
#[ignore = "loads programs, which needs root"]
fn missing_tracepoint_is_an_error_that_names_the_program_and_the_rest_goes_on() {
    let mut programs = programs();
    let error = programs.attach_one("fork", "no_such_tracepoint").expect_err("no kernel has it");
    assert!(error.to_string().contains("`fork`"), "{error}");
    assert!(programs.attach_one("exit", "sched_process_exit").is_ok());
}

#[test]
#[ignore = "loads programs, which needs root"]
fn every_observer_passes_the_verifier_of_this_kernel() {
    let mut programs = programs();
    let refused = programs.attach();
    assert!(refused.is_empty(), "{refused:?}");
    assert!(programs.missed().expect("/proc is there").iter().all(|(_, missed)| *missed == 0));
}

/// The judge is the kernel: it counts the runs of each program by itself when asked to.
#[test]
#[ignore = "loads programs, which needs root"]
fn runs_are_those_that_the_kernel_counts() {
    let mut programs = programs();
    let _statistics = aya::sys::enable_stats(aya::sys::Stats::RunTime).expect("5.8 has them");
    let counters = programs.counters().expect("the object has them");
    let exec: &mut RawTracePoint =
        programs.ebpf_mut().program_mut("exec").expect("it is there").try_into().expect("its kind");
    exec.load().expect("the verifier takes it");
    let link = exec.attach("sched_process_exec").expect("every kernel has it");
    for _ in 0..20 {
        Command::new("true").status().expect("it runs");
    }
    // Others execute too, so both are read when no more can come.
    exec.detach(link).expect("it was attached");
    let ours = counters.read().expect("the map is there").of(Class::Exec, Outcome::Runs);
    assert!(ours >= 20, "{ours}");
    assert_eq!(ours, exec.info().expect("it is loaded").run_count());
}

#[test]
fn field_of_fdinfo_is_found_by_its_whole_name() {
    let text = "prog_id:\t7\nrecursion_misses:\t3\n";
    assert_eq!(field(text, "recursion_misses"), Some(3));
    assert_eq!(field(text, "misses"), None);
}
