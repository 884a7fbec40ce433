//! `plumb-agent run`: everything put together, until a signal comes.

use std::{io, path::Path, sync::Arc, time::Duration};

use agent_common::counter::Class;
use anyhow::{Context, bail};
use policy::{
    PolicySet,
    event::Node as SeenNode,
    record::{Body, Gap, Subject},
};
use prometheus_client::registry::Registry;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, oneshot, watch},
    time::{MissedTickBehavior, interval, sleep},
};
use tracing::{error, info, warn};

use crate::{
    cli,
    cri::Cri,
    declarations::{Declarations, Folder, Interfaces, folder},
    deny::Denials,
    identity::Identity,
    judge::{Judge, Tell},
    load::{Counters, Programs, RingSizes, connections::KernelMaps, node::Node, pins, tables::Tables},
    metrics::Metrics,
    observe::{clock, inspect::Inspector},
    pipeline::Pipeline,
    read::Rings,
    records::{Origin, Records},
    report::{Format, Style, output::Destination},
    respond::Responder,
    serve,
};

mod account;
mod alone;
mod policies;

use account::Account;
use alone::Alone;

/// 4 MiB hold a quarter of a second of what two cores can execute at most (18,000 execs a second with their forks and
/// exits, 900 bytes together); facts are first-seen only.
const RINGS: RingSizes = RingSizes { lifecycle: 4 << 20, facts: 1 << 20 };
/// How long events gather before they are read: a waking costs more than an event, and a script's process may be
/// gone soon.
const REST: Duration = Duration::from_millis(5);
/// As many as a ring of this size has records, of 32 bytes at least, for turns of 4,096: twice that.
const TURNS_AT_STOP: usize = 64;
/// How often what waits is looked at, and counts are taken over from the kernel.
const TICK: Duration = Duration::from_millis(250);
/// How often repeats are written down.
const COUNT: Duration = Duration::from_secs(60);

/// Runs until SIGINT or SIGTERM.
///
/// # Errors
/// A setting cannot be read, or nothing can be observed.
pub fn run(arguments: &cli::Run) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(watch_node(arguments))
}

async fn watch_node(arguments: &cli::Run) -> anyhow::Result<()> {
    must_be_root()?;
    let node = Node::read(arguments.place.cgroup_root.as_deref())?;
    let _alone = Alone::on(&node.root)?;
    let (metrics, mut registry) = (Metrics::default(), Registry::default());
    metrics.register(&mut registry);
    let (ready, is_ready) = watch::channel(false);
    let server = serve::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}; choose another with --listen", arguments.listen))?;
    eprintln!("listening on {}", server.addr());
    let (questions, mut asked) = mpsc::channel(1);
    tokio::spawn(server.run(Arc::new(registry), is_ready, questions));

    let policies = Arc::new(load_policies(&arguments.policies, &metrics)?);
    let name = node_name(arguments.node_name.as_deref())?;
    let declarations = load_declarations(&arguments.declarations, Interfaces::of(&node, &name), &metrics)?;
    let records = Records::open(Origin::new(&name)?, outputs(arguments), metrics.clone())
        .context("no output can be written")?;
    let mut kernel = Kernel::start(&node, arguments.ring_bytes, &metrics)?;
    let tables = Tables::take(&mut kernel.programs)?;
    let maps = KernelMaps::take(&mut kernel.programs)?;
    let inspector = Inspector::start(&node)?;
    let cri = Cri::new(&node.root, arguments.cri_socket.as_deref());
    let mut records = records.enforcing(responder(arguments.enforce, &kernel.programs, &node)?);
    let capabilities = node.capabilities;
    let denials =
        Denials::new(Arc::clone(&policies), capabilities).without_uses(kernel.programs.why_no_uses());
    let denials = denials.without_hooks(kernel.programs.refused_hooks());
    let identity =
        Identity::new(node, tables, maps, Arc::clone(&declarations) as Arc<dyn Declarations>, denials);
    let judge = Judge::new(policies, seen_node(&name)?, capabilities).enforcing(arguments.enforce);
    let mut pipeline = Pipeline::new(identity, inspector, cri, judge, metrics.clone());
    let running = pipeline.find_running();
    kernel.take_over(arguments.enforce)?;
    info!(running, "watching; containers that were running already are watched from now on");
    ready.send_replace(true);

    tokio::spawn(Arc::clone(&declarations).watch());
    turn(&mut kernel, &mut pipeline, &mut records, &declarations, &metrics, &mut asked).await?;
    ready.send_replace(false);
    stop(kernel, pipeline, records, &metrics)
}

/// The loop.
async fn turn(
    kernel: &mut Kernel,
    pipeline: &mut Pipeline,
    records: &mut Records,
    declarations: &Folder,
    metrics: &Metrics,
    asked: &mut mpsc::Receiver<oneshot::Sender<String>>,
) -> anyhow::Result<()> {
    let mut changes = declarations.changes();
    changes.mark_unchanged();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let (mut tick, mut count) = (interval(TICK), interval(COUNT));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    count.reset();
    let mut more = false;
    loop {
        tokio::select! {
            biased;
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            _ = tick.tick() => {
                pipeline.tick(clock::boot_time(), records);
                kernel.account(pipeline, records, metrics);
            }
            _ = count.tick() => pipeline.count(records),
            Ok(()) = changes.changed() => {
                note_declarations(declarations, metrics);
                pipeline.declarations_changed(records);
            }
            answer = pipeline.answered() => pipeline.answer(answer, records),
            Some(way_back) = asked.recv() => {
                let told = kernel.programs.is_enforcing().map(|enforcing| pipeline.status(enforcing));
                // Who asked is told that there is no answer by the way back's end, and may have left.
                let _ = told.map(|status| way_back.send(status.to_string()));
            }
            ready = rested(&kernel.rings), if !more => ready?,
            () = tokio::task::yield_now(), if more => {}
        }
        more = kernel.rings.drain(|record| pipeline.take(record, records));
    }
}

/// Waits for events, and then a moment more, so that those that come together are one waking.
///
/// Dropped in between it loses nothing: the rings are drained after every turn.
async fn rested(rings: &Rings) -> io::Result<()> {
    rings.ready().await?;
    sleep(REST).await;
    Ok(())
}

/// Detaches everything, then handles what the rings still hold.
fn stop(
    mut kernel: Kernel,
    mut pipeline: Pipeline,
    mut records: Records,
    metrics: &Metrics,
) -> anyhow::Result<()> {
    // With the programs detached no more is submitted, so that what is read is all there is. Those that are pinned go
    // on: of theirs, what the ring can hold.
    kernel.programs.detach();
    let mut turns = TURNS_AT_STOP;
    while kernel.rings.drain(|record| pipeline.take(record, &mut records)) && turns > 0 {
        turns -= 1;
    }
    pipeline.finish(&mut records);
    kernel.account(&mut pipeline, &mut records, metrics);
    let lost = records.finish();
    if lost > 0 {
        warn!(lost, "records were not written before the end");
    }
    match kernel.programs.are_pinned() {
        false => info!("stopped, nothing is left attached"),
        true => info!("stopped; denials go on without the agent, until `plumb-agent detach`"),
    }
    Ok(())
}

/// The kernel side at work.
struct Kernel {
    programs: Programs,
    rings: Rings,
    counters: Counters,
    account: Account,
}

impl Kernel {
    fn start(node: &Node, ring_bytes: Option<u32>, metrics: &Metrics) -> anyhow::Result<Self> {
        let sizes = ring_bytes.map_or(RINGS, |bytes| RingSizes { lifecycle: bytes, facts: bytes });
        let mut programs = Programs::load(node, sizes)?;
        #[cfg(feature = "ebpf-log")]
        programs.diagnose()?;
        let mut refused = programs.attach();
        refused.extend(programs.attach_to(&node.cgroup_root));
        for (program, _) in crate::load::OBSERVERS.into_iter().chain(crate::load::sockets::ON_CGROUP) {
            metrics.attached(program, !refused.iter().any(|(name, _)| *name == program));
        }
        for (program, error) in &refused {
            error!(error = %anyhow::Error::msg(chain(error)), program, "this kernel refuses a program: what it would show is not seen; `plumb-agent probe` says why");
        }
        if refused.iter().any(|(program, _)| *program == "exec") {
            bail!(
                "executions cannot be seen on this kernel, and without them there is nothing to watch; `plumb-agent probe` says which hook is refused, and why"
            );
        }
        let rings = Rings::new(programs.ring("LIFECYCLE")?, programs.ring("FACTS")?)?;
        let counters = programs.counters()?;
        let account = Account::new(clock::boot_time());
        Ok(Self { programs, rings, counters, account })
    }

    /// Goes on from where an agent that enforced has left: what it pinned goes, once all that is there is known here.
    fn take_over(&mut self, enforce: bool) -> anyhow::Result<()> {
        if enforce {
            self.programs.enforce()?;
        }
        let left = pins::remove()?;
        if !left.is_empty() {
            info!(files = left.len(), "removed what an earlier agent had pinned");
        }
        if enforce && let Err(error) = self.programs.pin() {
            // A part would deny without knowing whose a task is.
            pins::remove()?;
            return Err(error.into());
        }
        Ok(())
    }

    /// Takes over the kernel's counts. What was lost since the last time is a gap, and lost cgroups are looked for.
    fn account(&mut self, pipeline: &mut Pipeline, records: &mut Records, metrics: &Metrics) {
        pipeline.publish();
        records.publish();
        for gap in self.gaps(metrics) {
            if gap.class == Class::Cgroup.name() {
                pipeline.scan_soon();
            }
            records.tell(Subject::Node, Body::Gap(gap));
        }
    }

    fn gaps(&mut self, metrics: &Metrics) -> Vec<Gap> {
        let Ok(counts) = self.counters.read() else { return Vec::new() };
        metrics.counts(&counts);
        // What cannot be read now is looked at the next time.
        let missed = self.programs.missed().unwrap_or_default();
        metrics.missed(&missed);
        self.account.gaps(&counts, &missed, clock::boot_time())
    }
}

fn must_be_root() -> anyhow::Result<()> {
    if nix::unistd::geteuid().is_root() {
        return Ok(());
    }
    bail!(
        "the agent must be root, with CAP_BPF and CAP_PERFMON, to load programs into the kernel; run it with sudo"
    )
}

fn load_policies(folder: &Path, metrics: &Metrics) -> anyhow::Result<PolicySet> {
    let policies::Found { sources, unread } = policies::read(folder)
        .with_context(|| format!("cannot read the folder of policies {}", folder.display()))?;
    let (policies, errors) = PolicySet::compile(&sources);
    for error in errors.iter().map(ToString::to_string).chain(unread.iter().cloned()) {
        eprintln!("{error}");
    }
    metrics.policies.set(policies.policies().len().try_into().unwrap_or(i64::MAX));
    metrics.policy_errors.set((errors.len() + unread.len()).try_into().unwrap_or(i64::MAX));
    if policies.policies().len() == 0 {
        warn!(folder = %folder.display(), "no policy is in force: nothing can be found wrong");
    }
    Ok(policies)
}

fn load_declarations(
    folder: &Path,
    interfaces: Interfaces,
    metrics: &Metrics,
) -> anyhow::Result<Arc<Folder>> {
    let declarations = Folder::open_on(folder, folder::Limits::default(), Some(interfaces))
        .with_context(|| format!("cannot read the folder of declarations {}", folder.display()))?;
    note_declarations(&declarations, metrics);
    Ok(Arc::new(declarations))
}

fn note_declarations(declarations: &Folder, metrics: &Metrics) {
    let errors = declarations.errors();
    for error in &errors {
        eprintln!("{error}");
    }
    metrics.declaration_errors.set(errors.len().try_into().unwrap_or(i64::MAX));
}

fn outputs(arguments: &cli::Run) -> Vec<(Destination, Format)> {
    let destination = |output: &std::path::PathBuf| {
        let destination = Destination::from_argument(output.as_os_str());
        let format = match destination {
            Destination::Stdout => stdout_format(arguments.format),
            Destination::File(_) => Format::Json,
        };
        (destination, format)
    };
    arguments.output.iter().map(destination).collect()
}

fn stdout_format(wanted: Option<cli::Format>) -> Format {
    use std::io::IsTerminal;

    match wanted {
        Some(cli::Format::Json) => Format::Json,
        None if !io::stdout().is_terminal() => Format::Json,
        Some(cli::Format::Text) | None => Format::Text(Style::of_stdout()),
    }
}

fn node_name(wanted: Option<&str>) -> anyhow::Result<String> {
    match wanted {
        Some(name) => Ok(name.to_owned()),
        None => Ok(nix::sys::utsname::uname()?.nodename().to_string_lossy().into_owned()),
    }
}

fn seen_node(name: &str) -> anyhow::Result<SeenNode> {
    let kernel = nix::sys::utsname::uname()?.release().to_string_lossy().into_owned();
    Ok(SeenNode { name: name.to_owned(), labels: policy::Known::Unknown, kernel })
}

fn responder(enforce: bool, programs: &Programs, node: &Node) -> anyhow::Result<Option<Responder>> {
    Ok(if enforce { Some(Responder::new(programs.mode()?, node)) } else { None })
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        line = format!("{line}: {source}");
        cause = source.source();
    }
    line
}
