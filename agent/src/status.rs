//! `plumb-agent status`: a running agent's own word of how it is.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::deny::LOOKS;

/// A loopback answer comes in milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// Prints readiness and the counts. Exit status 1 if the agent is not ready.
///
/// # Errors
/// No agent answers there.
pub fn status(listen: SocketAddr) -> anyhow::Result<ExitCode> {
    let (ready, _) = get(listen, "/readyz")?;
    let (status, metrics) = get(listen, "/metrics")?;
    if status != 200 {
        bail!("the agent at {listen} answered {status} to /metrics");
    }
    println!("{}", if ready == 200 { "ready" } else { "not ready" });
    for line in metrics.lines().filter(|line| is_of_interest(line)) {
        println!("{line}");
    }
    // An agent that another machine's address leads to tells it to its own alone.
    let (status, told) = get(listen, "/status")?;
    if status == 200 {
        let told: Value = serde_json::from_str(&told).context("the agent's answer is no JSON")?;
        enforced(&told).for_each(|line| println!("{line}"));
    }
    println!("{LOOKS}");
    Ok(if ready == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints what is denied in each container, with readiness, as JSON. Exit status 1 if the agent is not ready.
///
/// # Errors
/// No agent answers there, or it does not tell.
pub fn json(listen: SocketAddr) -> anyhow::Result<ExitCode> {
    let ready = get(listen, "/readyz")?.0 == 200;
    let (status, body) = get(listen, "/status")?;
    if status != 200 {
        bail!("the agent at {listen} answered {status} to /status: {}", body.trim());
    }
    let mut told: Value = serde_json::from_str(&body).context("the agent's answer is no JSON")?;
    told["ready"] = ready.into();
    told["looks"] = LOOKS.into();
    println!("{}", serde_json::to_string_pretty(&told)?);
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A line for each container and policy whose action is Block.
fn enforced(told: &Value) -> impl Iterator<Item = String> {
    let blocks = move |name: &Value| {
        let policies = told["policies"].as_array().into_iter().flatten();
        policies.into_iter().any(|policy| policy["policy"] == *name && policy["action"] == "Block")
    };
    let lines = move |container: &Value| {
        let cgroup = word(&container["cgroup"]);
        let policies = container["policies"].as_array().into_iter().flatten();
        let line = |policy: &Value| {
            let because =
                policy["because"].as_str().map(|because| format!(": {because}")).unwrap_or_default();
            format!("{cgroup}  {}  {}{because}", word(&policy["policy"]), word(&policy["enforcement"]))
        };
        policies.filter(|policy| blocks(&policy["policy"])).map(line).collect::<Vec<_>>()
    };
    let containers = told["containers"].as_array().into_iter().flatten();
    containers.flat_map(lines)
}

/// A text without what would write to the terminal.
fn word(text: &Value) -> String {
    text.as_str().unwrap_or_default().escape_debug().to_string()
}

/// Values that are not zero, and the programs that are not attached.
fn is_of_interest(line: &str) -> bool {
    !line.starts_with('#') && (!line.ends_with(" 0") || line.contains("_attached{"))
}

fn get(address: SocketAddr, path: &str) -> anyhow::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)
        .with_context(|| format!("no agent answers at {address}; is one running, with this --listen?"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).with_context(|| format!("reading what {address} answered"))?;
    parse(&answer).with_context(|| format!("{address} does not speak HTTP; is it an agent?"))
}

fn parse(answer: &str) -> Option<(u16, String)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some((status, body.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_is_taken_apart() {
        let answer = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\nno";
        assert_eq!(parse(answer), Some((503, "no".to_owned())));
        assert_eq!(parse("SSH-2.0-OpenSSH"), None);
    }

    #[test]
    fn each_policy_that_blocks_has_a_line_for_each_container() {
        let policy = |name, enforcement, because: Option<&str>| serde_json::json!({"policy": name, "enforcement": enforcement, "because": because});
        let told = serde_json::json!({
            "policies": [{"policy": "a", "action": "Block"}, {"policy": "b", "action": null}],
            "containers": [{"cgroup": "/x\u{1b}", "policies": [
                policy("a", "Kill after the fact", Some("it reads event.args")),
                policy("b", "Observe only", Some("its action is not Block")),
            ]}],
        });
        let lines: Vec<_> = enforced(&told).collect();
        assert_eq!(lines, ["/x\\u{1b}  a  Kill after the fact: it reads event.args"]);
        assert_eq!(enforced(&Value::Null).count(), 0);
    }

    #[test]
    fn zeroes_are_left_out_but_for_programs_that_are_not_attached() {
        assert!(is_of_interest("plumbline_agent_alerts_total 3"));
        assert!(!is_of_interest("plumbline_agent_alerts_total 0"));
        assert!(is_of_interest("plumbline_agent_program_attached{program=\"exec\"} 0"));
        assert!(!is_of_interest("# HELP x y"));
    }
}
