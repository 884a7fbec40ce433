//! redis-benchmark on loopback: without the agent, with it, and with empty programs on every system call.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use tests::cgroup::adopt;
use tests::machine;
use tests::scene::Scene;
use tests::statistics::Median;

use crate::Amount;
use crate::empty::EmptyPrograms;
use crate::table::{Table, ratio};

const PATIENCE: Duration = Duration::from_secs(10);

/// What runs beside the benchmark in one arm.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arm {
    Off,
    On,
    Empty,
}

const ARMS: [Arm; 3] = [Arm::Off, Arm::On, Arm::Empty];

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let redis = Redis::start(&scene)?;
    let mut rates: [Vec<f64>; 3] = Default::default();
    redis.benchmark(amount.redis_requests)?;
    for round in 0..amount.rounds {
        // Each arm is first, second and last equally often.
        for turn in 0..ARMS.len() {
            let index = (round + turn) % ARMS.len();
            rates[index].push(arm(ARMS[index], &scene, &redis, amount)?);
        }
        eprintln!("bench: redis, round {} of {}", round + 1, amount.rounds);
    }
    let [off, on, empty] = &rates;
    let against_off = |arm: &[f64]| -> Result<Median> {
        let ratios: Vec<f64> = arm.iter().zip(off).map(|(arm, off)| arm / off).collect();
        Median::of(&ratios).context("no rounds")
    };
    let base = Median::of(off).context("no rounds")?;
    table.inform("redis-benchmark, agent off", format!("{:.0} requests/s", base.value));
    let on = against_off(on)?;
    // Kept only if even the interval's lower end keeps it.
    table.judge("redis-benchmark, agent on / off", ratio(on), "at least 0.990", on.low >= 0.99);
    let empty = against_off(empty)?;
    table.inform("redis-benchmark, empty programs on raw_syscalls / off", ratio(empty));
    table.inform("redis-benchmark, rounds", rates[0].len().to_string());
    Ok(())
}

fn arm(arm: Arm, scene: &Scene, redis: &Redis, amount: &Amount) -> Result<f64> {
    let _empty = (arm == Arm::Empty).then(EmptyPrograms::attach).transpose()?;
    let agent = (arm == Arm::On).then(|| scene.agent(&[])).transpose()?;
    let rate = redis.benchmark(amount.redis_requests)?;
    if let Some(agent) = agent {
        agent.stop()?;
    }
    Ok(rate)
}

/// A server in a container's group, on a port of its own, that writes nothing to disk.
struct Redis {
    server: Child,
    port: u16,
}

impl Redis {
    fn start(scene: &Scene) -> Result<Self> {
        let program = machine::program("redis-server")?;
        machine::program("redis-benchmark")?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let server = Command::new(program)
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("start redis-server")?;
        let redis = Self { server, port };
        adopt(scene.subtree.container()?.path(), redis.server.id())?;
        pin(redis.server.id(), 0)?;
        let end = Instant::now() + PATIENCE;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        while TcpStream::connect(address).is_err() {
            if Instant::now() > end {
                bail!("redis-server does not listen on {address}");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(redis)
    }

    /// Requests a second over SET and GET together.
    fn benchmark(&self, requests: u64) -> Result<f64> {
        let client = Command::new(machine::program("redis-benchmark")?)
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-n", &requests.to_string()])
            .args(["-t", "set,get", "--csv"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("start redis-benchmark")?;
        pin(client.id(), 1)?;
        let output = client.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let rates: Vec<f64> = text.lines().filter_map(rate).collect();
        let [set, get] = rates[..] else { bail!("redis-benchmark said {text:?}") };
        Ok(2.0 / (1.0 / set + 1.0 / get))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

/// The second column of `"SET","98231.82",...`; the line of headings has no number there.
fn rate(line: &str) -> Option<f64> {
    line.split(',').nth(1)?.trim_matches('"').parse().ok()
}

/// Keeps server and client on processors of their own, where there are two.
fn pin(pid: u32, processor: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(processor % thread::available_parallelism()?)?;
    sched_setaffinity(Pid::from_raw(pid.cast_signed()), &set).context("pin a process")
}
