//! What the programs say of themselves, where the agent was built to listen.

use anyhow::{Result, ensure};
use tests::machine;
use tests::scene::Scene;

crate::theme![programs_say_what_they_saw, agent_built_without_diagnostics_says_nothing_of_single_events];

const LINE: &str = "exec: pid ";

fn programs_say_what_they_saw() -> Result<()> {
    let mut scene = Scene::set()?;
    scene.programs.agent = machine::diagnosing_agent()?;
    let agent = scene.agent(&[])?;
    let container = scene.container()?;
    container.sample(&["hello"])?;
    agent.wait_until("saying what it saw", |agent| Ok(agent.log()?.contains(LINE)))?;
    agent.stop().map(drop)
}

fn agent_built_without_diagnostics_says_nothing_of_single_events() -> Result<()> {
    let scene = Scene::set()?;
    let agent = scene.agent(&[])?;
    let container = scene.container()?;
    container.sample(&["hello"])?;
    agent.settled("exec")?;
    let log = agent.log()?;
    ensure!(!log.contains(LINE), "{log}");
    agent.stop().map(drop)
}
