//! `plumb-agent status`: a running agent's own word of how it is.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};

/// What no record can tell, since nobody saw it.
const LOOKS: &str = "containers are held against their Pods when they start, when one of their programs runs under new \
     ids or with a capability that none before it had, and within a second of a use of SYS_ADMIN, SETUID, SETGID or SETPCAP, or within eight where such uses went on and \
     changed nothing; what changes and changes back in between \
     is not seen. Containers of gVisor and Kata, and of a RuntimeClass whose runtime cannot be told, are not held against \
     them";

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
    let mut told: serde_json::Value = serde_json::from_str(&body).context("the agent's answer is no JSON")?;
    told["ready"] = ready.into();
    told["looks"] = LOOKS.into();
    println!("{}", serde_json::to_string_pretty(&told)?);
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
    fn zeroes_are_left_out_but_for_programs_that_are_not_attached() {
        assert!(is_of_interest("plumbline_agent_alerts_total 3"));
        assert!(!is_of_interest("plumbline_agent_alerts_total 0"));
        assert!(is_of_interest("plumbline_agent_program_attached{program=\"exec\"} 0"));
        assert!(!is_of_interest("# HELP x y"));
    }
}
