//! A task that is moved from one container's group into another, out of both, and back: it is where it is at the time.

use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::cgroup;
use tests::records::{container_id, is_failure, path, policy, task};
use tests::runc::{Container, Plan};
use tests::scene::Scene;

crate::theme![task_that_is_moved_is_judged_by_where_it_is];

const PATIENCE: usize = 2_000;

/// Kills what is in memory in one of the two containers.
const STRICT: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: deny}
spec:
  title: Programs in memory are denied
  severity: Low
  action: Block
  match: {events: {kinds: [Exec]}}
  matchConditions: [{name: c, expression: \"container.image.reference == 'registry.test/strict:1'\"}]
  validations: [{name: v, expression: \"event.executable.origin != 'Memfd'\"}]
";

/// Does one step after another, as it is told to.
struct Mover<'a> {
    home: &'a Container,
    pid: u32,
    step: u32,
}

impl<'a> Mover<'a> {
    /// The child of a container's init.
    fn of(home: &'a Container) -> Result<Self> {
        let mut mover = Self { home, pid: 0, step: 0 };
        mover.does("hello")?;
        let is_it = |pid: &u32| {
            fs::read(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|line| !line.windows(5).any(|word| word == b"child"))
        };
        mover.pid = cgroup::processes(home.group().path())?.into_iter().find(is_it).context("no child")?;
        Ok(mover)
    }

    /// What became of a step: nothing where it went well.
    fn does(&mut self, verb: &str) -> Result<String> {
        self.step += 1;
        let step = self.home.volume().join(self.step.to_string());
        let (unfinished, done) = (step.with_extension("new"), step.with_extension("done"));
        fs::write(&unfinished, verb)?;
        fs::rename(&unfinished, &step)?;
        for _ in 0..PATIENCE {
            if done.exists() {
                thread::sleep(Duration::from_millis(10));
                return Ok(fs::read_to_string(done)?);
            }
            thread::sleep(Duration::from_millis(10));
        }
        anyhow::bail!("step {} ({verb}) was not done", self.step)
    }

    /// A program of its image, which must run everywhere; then one in memory: whether that ran.
    fn runs_both(&mut self) -> Result<bool> {
        let ended = self.does("run /bin/setuid")?;
        ensure!(ended.is_empty(), "{ended}");
        let ended = self.does("memfd")?;
        ensure!(ended.is_empty() || ended.contains("SIGKILL"), "{ended}");
        Ok(ended.is_empty())
    }
}

/// Guards against a mask, a mark or an init that goes with the task, and against a name that is kept.
fn task_that_is_moved_is_judged_by_where_it_is() -> Result<()> {
    let scene = Scene::with_policies()?;
    scene.write_policy("deny.yaml", STRICT)?;
    let agent = scene.agent(&["--enforce"])?;
    let home = Plan::new(&scene, &["/bin/sample", "child", "steps", "/data"])?.undeclared().start(&scene)?;
    let mut plan = Plan::new(&scene, &["/bin/sample", "sleep"])?.undeclared();
    plan.declared()["image"] = "registry.test/strict:1".into();
    let strict = plan.start(&scene)?;
    let outside = scene.subtree.path().join("outside");
    cgroup::make(&outside)?;
    agent.wait_until("told of the declarations", |agent| {
        let containers = agent.status()?["containers"].to_string();
        Ok(containers.matches("Kill before first instruction").count() == 1
            && containers.contains("Observe only"))
    })?;

    let mut mover = Mover::of(&home)?;
    ensure!(mover.runs_both()?, "at home nothing is denied");
    cgroup::adopt(strict.group().path(), mover.pid)?;
    ensure!(!mover.runs_both()?, "where it is denied it is killed");
    cgroup::adopt(&outside, mover.pid)?;
    ensure!(mover.runs_both()?, "outside nothing is denied");
    cgroup::adopt(home.group().path(), mover.pid)?;
    ensure!(mover.runs_both()?, "nor back at home");
    // Whoever is put into a container from outside has entered it.
    cgroup::adopt(strict.group().path(), mover.pid)?;
    ensure!(!mover.runs_both()?, "nor is it forgotten");
    cgroup::adopt(home.group().path(), mover.pid)?;
    strict.exec(&[], &["/bin/sample", "hello"])?;

    agent.settled("exec")?.check()?;
    let records = agent.stop()?;
    let seen = |container: &Container, program: &str| -> Vec<String> {
        let of_it = |record: &&Value| {
            policy(record) == Some("every-exec")
                && container_id(record) == Some(container.id())
                && path(record) == Some(program)
        };
        records.iter().filter(of_it).filter_map(task).map(str::to_owned).collect()
    };
    for program in ["/bin/setuid", "/memfd:sample"] {
        ensure!(seen(&home, program) == ["Container", "Injected"], "{program}: {records:#?}");
        ensure!(seen(&strict, program) == ["Injected", "Injected"], "{program}: {records:#?}");
    }
    ensure!(seen(&strict, "/bin/sample") == ["Container", "Injected"], "its init is its own: {records:#?}");
    let expected = ["every-exec", "deny", "fileless-execution"];
    let other =
        |record: &&Value| is_failure(record) && !policy(record).is_some_and(|name| expected.contains(&name));
    let others: Vec<_> = records.iter().filter(other).collect();
    ensure!(others.is_empty(), "{others:#?}");
    Ok(())
}
