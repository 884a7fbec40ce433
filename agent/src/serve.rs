//! `/metrics`, `/healthz` and `/readyz` over HTTP/1.1, for Prometheus and kubelet.
//!
//! It answers from the agent's own thread: an answer of `/healthz` means that the event loop turns. So that nobody
//! who can connect holds anything up, connections are few and short.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

#[cfg(test)]
mod tests;

/// Connections at once; more wait in the kernel's backlog.
const MOST_CONNECTIONS: usize = 16;

/// How long a connection may take in all, from its first byte to the last of the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The least that hyper takes as the room for a request's head.
const HEAD_BYTES: usize = 8192;

/// How long to wait after a connection could not be accepted, as when descriptors ran out.
const BREATH: Duration = Duration::from_millis(100);

/// What `prometheus_client` writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

/// A server that has its address and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    addr: SocketAddr,
}

/// Takes an address; port 0 takes any that is free. Whoever asks for an address that others can reach gets it: what
/// is served names no container and no path.
///
/// # Errors
/// If the address is in use or not this machine's.
pub async fn bind(addr: SocketAddr) -> io::Result<Server> {
    let listener = TcpListener::bind(addr).await?;
    Ok(Server { addr: listener.local_addr()?, listener })
}

/// What answers are made from.
#[derive(Debug)]
struct State {
    registry: Arc<Registry>,
    ready: watch::Receiver<bool>,
}

impl Server {
    /// The address, with the port that was taken.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Answers for as long as it is polled. `/readyz` is 200 while `ready` is true.
    pub async fn run(self, registry: Arc<Registry>, ready: watch::Receiver<bool>) {
        let state = Arc::new(State { registry, ready });
        let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        // The semaphore is never closed, so there always is a permit in the end.
        while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let state = Arc::clone(&state);
                    tokio::spawn(async move {
                        let _permit = permit;
                        // Whoever is too slow or speaks something else is gone, and that is all.
                        let _ = tokio::time::timeout(PATIENCE, connection(stream, state)).await;
                    });
                }
                Err(_) => tokio::time::sleep(BREATH).await,
            }
        }
    }
}

async fn connection(stream: TcpStream, state: Arc<State>) -> hyper::Result<()> {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = answer(request.method(), request.uri().path(), &state);
        async move { Ok::<_, Infallible>(answer) }
    });
    // Without keep-alive an idle client takes no place.
    http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await
}

fn answer(method: &Method, path: &str, state: &State) -> Response<Full<Bytes>> {
    let answer: fn(&State) -> Response<Full<Bytes>> = match path {
        "/metrics" => metrics,
        "/healthz" => |_| respond(StatusCode::OK, PLAIN, "ok\n"),
        "/readyz" => readyz,
        _ => return respond(StatusCode::NOT_FOUND, PLAIN, "there is /metrics, /healthz and /readyz\n"),
    };
    if method == Method::GET || method == Method::HEAD {
        return answer(state);
    }
    let mut refusal = respond(StatusCode::METHOD_NOT_ALLOWED, PLAIN, "this can only be read\n");
    refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    refusal
}

fn metrics(state: &State) -> Response<Full<Bytes>> {
    let mut text = String::new();
    match encode(&mut text, &state.registry) {
        Ok(()) => respond(StatusCode::OK, OPEN_METRICS, text),
        Err(_) => respond(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, "the metrics could not be written\n"),
    }
}

fn readyz(state: &State) -> Response<Full<Bytes>> {
    if *state.ready.borrow() {
        respond(StatusCode::OK, PLAIN, "ready\n")
    } else {
        respond(StatusCode::SERVICE_UNAVAILABLE, PLAIN, "not ready\n")
    }
}

fn respond(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
