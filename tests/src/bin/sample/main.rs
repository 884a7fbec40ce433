//! What runs inside the containers of tests and of `cargo xtask run --sample`.
//!
//! Built static (`-C target-feature=+crt-static`), so that an image may hold nothing else. Each verb does one
//! thing that an observer has to judge, and exits 0 only if the kernel let it.

mod alone;
mod capabilities;
mod hook;
mod marks;
mod peers;
mod resolver;
mod sockets;
mod talk;

use std::env;
use std::ffi::{CString, OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Duration;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, chroot, dup2_raw, fexecve, fork};

const USAGE: &str = "usage: sample VERB [PATH]
  sleep           wait for SIGTERM
  hello           print hello (further arguments are ignored)
  run PATH        run PATH
  drop PATH       copy this program to PATH and run it
  overwrite PATH  overwrite PATH, which exists, in place and run it
  memfd           run a copy of this program from memory
  keep            have a copy of this program in memory, at descriptor 100, and wait for SIGTERM
  hook            go into the root of the container whose state standard input tells, and run a copy of this program
                  from memory there, and then /bin/setuid
  deleted PATH    copy this program to PATH, unlink it and run it by its descriptor
  chmod PATH      change the mode of PATH, which exists, and run it
  capabilities PATH
                  use each capability that this process has, with files in PATH, and say how often
  capability NAME use that one
  uses NAME FILE TIMES
                  use that one in a child which then adds a byte to FILE, TIMES times, and say how many were killed and how
                  many added theirs
  sockets         make calls on sockets of every kind over loopback, and say how often
  listen          listen on a port of loopback until killed
  peers           make the calls to peers that standard input asks for, in a network where it is every address itself, and
                  say what the kernel says
  call PEER       ask for a TCP connection to PEER (address:port) where nobody is
  connect TIMES   make short TCP connections over loopback, and say how many a second
  resolver [IP]   answer questions for names, on the resolver's port of loopback or of IP
  ask PEER        ask the resolver PEER for a name, by datagrams of a socket that is not connected
  send PORT PEER  send a datagram to PEER from PORT, or from any if that is 0, in a network where nobody is
  serve ADDRESS   answer requests over HTTP there, whatever they are for
  reach PEER      ask for a page over HTTP until it is answered, for some seconds
  fails ERROR PEER
                  ask for a TCP connection, which must fail for that reason
  stay PATH       run PATH and wait for SIGTERM
  remount         make the root writable
  deep LEVELS     make so many user namespaces, each in the one before, and use SYS_CHROOT in the innermost
  join PATH       enter the namespace that PATH is
  start PATH      run PATH until SIGTERM
  child VERB [PATH]
                  do that in a child and wait for its end
  after PATH VERB [PATH]
                  wait until PATH exists, do that and wait for SIGTERM
  steps PATH      do what the files 1, 2, ... in PATH say as they come, each in a line, and write beside each what came
                  of it
  script PATH     write a script to PATH, whose interpreter is this program, and run it
  marks PATH FILE TIMES
                  write a program to PATH whose first act is to add a byte to FILE, run it TIMES times, and say how often
                  it was killed and how often it ran";

/// What went wrong, as the sentence that is printed.
type Failure = String;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    match act(&arguments) {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(failure)) => {
            eprintln!("sample: {failure}");
            ExitCode::FAILURE
        }
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// None where nothing goes by that verb.
fn act(arguments: &[OsString]) -> Option<Result<(), Failure>> {
    let verb = arguments.first().and_then(|verb| verb.to_str());
    let path = arguments.get(1).map(Path::new);
    Some(match (verb, path) {
        (Some("sleep"), _) => sleep(),
        (Some("hello"), _) => hello(),
        (Some("memfd"), _) => in_memory().and_then(|copy| run_descriptor(&copy)),
        (Some("keep"), _) => keep(),
        (Some("hook"), _) => hook::act(),
        (Some("resolver"), ip) => resolver::serve(ip),
        (Some("ask"), Some(peer)) => resolver::ask(peer),
        (Some("send"), Some(port)) => talk::send(port, arguments.get(2)?.as_ref()),
        (Some("serve"), Some(address)) => talk::serve(address),
        (Some("reach"), Some(peer)) => talk::reach(peer),
        (Some("fails"), Some(error)) => talk::fails(error, arguments.get(2)?.as_ref()),
        (Some("peers"), _) => peers::serve(),
        (Some("sockets"), _) => sockets::call_all(),
        (Some("connect"), Some(times)) => sockets::connect_often(times),
        (Some("listen"), _) => sockets::listen_for_long(),
        (Some("call"), Some(peer)) => sockets::call(peer),
        (Some("run"), Some(path)) => run(path),
        (Some("drop"), Some(path)) => copy_to(path).and_then(|()| run(path)),
        (Some("overwrite"), Some(path)) => overwrite(path).and_then(|()| run(path)),
        (Some("deleted"), Some(path)) => deleted(path),
        (Some("chmod"), Some(path)) => chmod(path).and_then(|()| run(path)),
        (Some("capabilities"), Some(path)) => capabilities::use_all(path),
        (Some("capability"), Some(name)) => capabilities::use_one(name),
        (Some("uses"), Some(name)) => capabilities::use_in_children(name, &arguments[2..]),
        (Some("stay"), Some(path)) => run(path).and_then(|()| sleep()),
        (Some("marks"), Some(path)) => marks::run(path, &arguments[2..]),
        (Some("remount"), _) => remount(),
        (Some("deep"), Some(levels)) => deep(levels),
        (Some("join"), Some(path)) => join(path),
        (Some("start"), Some(path)) => run_with(path, "sleep"),
        (Some("child"), Some(_)) => child(&arguments[1..]),
        (Some("after"), Some(sign)) => {
            wait_for(sign);
            act(&arguments[2..])?.and_then(|()| sleep())
        }
        (Some("steps"), Some(path)) => steps(path),
        (Some("script"), Some(path)) => script(path).and_then(|()| run(path)),
        _ => return None,
    })
}

/// As pid 1 of a container a signal without a handler is ignored, so SIGTERM is waited for.
fn sleep() -> Result<(), Failure> {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTERM);
    signals.thread_block().map_err(because("block SIGTERM"))?;
    signals.wait().map(|_| ()).map_err(because("wait for SIGTERM"))
}

fn hello() -> Result<(), Failure> {
    writeln!(io::stdout(), "hello").map_err(because("write to standard output"))
}

fn own_bytes() -> Result<Vec<u8>, Failure> {
    fs::read("/proc/self/exe").map_err(because("read /proc/self/exe"))
}

fn copy_to(path: &Path) -> Result<(), Failure> {
    write_new(path, &own_bytes()?, 0o755)
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let failed = || format!("write {}", path.display());
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(because(failed()))?;
    file.write_all(bytes).map_err(because(failed()))?;
    // The mode is set again because the umask may have taken bits from it.
    file.set_permissions(fs::Permissions::from_mode(mode)).map_err(because(failed()))
}

/// Keeps the file's inode in the container's view; the bytes behind an ELF file's last section change its
/// content but not what it does.
fn overwrite(path: &Path) -> Result<(), Failure> {
    let failed = || format!("overwrite {}", path.display());
    let mut bytes = own_bytes()?;
    bytes.extend_from_slice(b"overwritten in place");
    let mut file = OpenOptions::new().write(true).truncate(true).open(path).map_err(because(failed()))?;
    file.write_all(&bytes).map_err(because(failed()))
}

/// A copy of this program that is no file.
fn in_memory() -> Result<File, Failure> {
    let memory = memfd_create(c"sample", MFdFlags::MFD_CLOEXEC).map_err(because("memfd_create"))?;
    let mut memory = File::from(memory);
    memory.write_all(&own_bytes()?).map_err(because("write to a memfd"))?;
    Ok(memory)
}

fn keep() -> Result<(), Failure> {
    // SAFETY: nothing of this process has so many descriptors, so none is closed that something owns.
    let _kept = unsafe { dup2_raw(in_memory()?, 100) }.map_err(because("duplicate a descriptor"))?;
    sleep()
}

fn deleted(path: &Path) -> Result<(), Failure> {
    copy_to(path)?;
    let file = File::open(path).map_err(because(format!("open {}", path.display())))?;
    fs::remove_file(path).map_err(because(format!("unlink {}", path.display())))?;
    run_descriptor(&file)
}

/// Changes the mode and puts it back to executable: on an overlay either copies the file up unchanged.
fn chmod(path: &Path) -> Result<(), Failure> {
    for mode in [0o700, 0o755] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .map_err(because(format!("chmod {}", path.display())))?;
    }
    Ok(())
}

fn wait_for(sign: &Path) {
    while !sign.exists() {
        thread::sleep(Duration::from_millis(10));
    }
}

fn steps(folder: &Path) -> Result<(), Failure> {
    for number in 1_u32.. {
        let step = folder.join(number.to_string());
        wait_for(&step);
        let line = fs::read_to_string(&step).map_err(because("read a step"))?;
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let outcome = act(&words).ok_or_else(|| format!("no verb in {line:?}"))?;
        let said = outcome.err().unwrap_or_default();
        fs::write(step.with_extension("done"), said).map_err(because("write what came of it"))?;
    }
    Ok(())
}

fn deep(levels: &Path) -> Result<(), Failure> {
    let levels: u32 = levels.to_str().and_then(|levels| levels.parse().ok()).ok_or("no number")?;
    for _ in 0..levels {
        unshare(CloneFlags::CLONE_NEWUSER).map_err(because("make a user namespace"))?;
        // Who has no id there may make none below.
        fs::write("/proc/self/setgroups", "deny").map_err(because("deny setgroups"))?;
        for map in ["/proc/self/uid_map", "/proc/self/gid_map"] {
            fs::write(map, "0 0 1").map_err(because(map))?;
        }
    }
    chroot("/").map_err(because("change the root"))
}

fn join(namespace: &Path) -> Result<(), Failure> {
    let failed = || format!("join {}", namespace.display());
    let file = File::open(namespace).map_err(because(failed()))?;
    setns(file, CloneFlags::empty()).map_err(because(failed()))
}

fn remount() -> Result<(), Failure> {
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND;
    mount(None::<&str>, "/", None::<&str>, flags, None::<&str>).map_err(because("mount / again"))
}

fn script(path: &Path) -> Result<(), Failure> {
    let interpreter = env::current_exe().map_err(because("find this program"))?;
    let mut text = b"#!".to_vec();
    text.extend_from_slice(interpreter.as_os_str().as_bytes());
    text.extend_from_slice(b" hello\n");
    write_new(path, &text, 0o755)
}

fn run(path: &Path) -> Result<(), Failure> {
    run_with(path, "hello")
}

fn child(arguments: &[OsString]) -> Result<(), Failure> {
    let status = Command::new("/proc/self/exe").args(arguments).status().map_err(because("run a child"))?;
    if status.success() { Ok(()) } else { Err(format!("the child ended with {status}")) }
}

fn run_with(path: &Path, argument: &str) -> Result<(), Failure> {
    let status =
        Command::new(path).arg(argument).status().map_err(because(format!("run {}", path.display())))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", path.display())) }
}

/// Runs `file` by its descriptor (execveat with an empty path), in a child.
fn run_descriptor(file: &File) -> Result<(), Failure> {
    let arguments = [cstring("sample")?, cstring("hello")?];
    // SAFETY: this process has one thread, so the child owns every lock that it may take.
    match unsafe { fork() }.map_err(because("fork"))? {
        ForkResult::Child => {
            let failed = fexecve(file.as_fd(), &arguments, &[] as &[CString]);
            eprintln!("sample: run by descriptor: {failed:?}");
            std::process::exit(1)
        }
        ForkResult::Parent { child } => match waitpid(child, None).map_err(because("wait for the child"))? {
            WaitStatus::Exited(_, 0) => Ok(()),
            other => Err(format!("the child ended with {other:?}")),
        },
    }
}

fn cstring(text: impl AsRef<OsStr>) -> Result<CString, Failure> {
    CString::new(text.as_ref().as_bytes()).map_err(because("make an argument"))
}

fn because<E: std::fmt::Display>(what: impl Into<String>) -> impl FnOnce(E) -> Failure {
    let what = what.into();
    move |cause| format!("{what}: {cause}")
}
