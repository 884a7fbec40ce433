//! `/metrics`, `/healthz` and `/readyz` over HTTP/1.1, for Prometheus and kubelet, and `/status` for this machine.
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
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot, watch};
use tokio::time::Instant;

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

/// An answer of `/status` serves for so long: each one costs the event loop work for every container, and whoever is in
/// the node's network may ask.
const FRESH: Duration = Duration::from_millis(250);

/// What `prometheus_client` writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const JSON: &str = "application/json";
const PLAIN: &str = "text/plain; charset=utf-8";

/// A server that has its address and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    addr: SocketAddr,
}

/// Who is asked for `/status`: each question carries the way back.
pub type Questions = mpsc::Sender<oneshot::Sender<String>>;

/// Takes an address; port 0 takes any that is free. Whoever asks for an address that others can reach gets it: what
/// is served names no container and no path, but for `/status`, which is told over loopback only.
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
    status: Questions,
    /// The last answer of `/status`, and when it came.
    told: Mutex<Option<(Instant, Bytes)>>,
}

impl Server {
    /// The address, with the port that was taken.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Answers for as long as it is polled. `/readyz` is 200 while `ready` is true; `status` is asked for `/status`.
    pub async fn run(self, registry: Arc<Registry>, ready: watch::Receiver<bool>, status: Questions) {
        let state = Arc::new(State { registry, ready, status, told: Mutex::default() });
        let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        // The semaphore is never closed, so there always is a permit in the end.
        while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let is_local = peer.ip().to_canonical().is_loopback();
                    let state = Arc::clone(&state);
                    tokio::spawn(async move {
                        let _permit = permit;
                        // Whoever is too slow or speaks something else is gone, and that is all.
                        let _ = tokio::time::timeout(PATIENCE, connection(stream, is_local, state)).await;
                    });
                }
                Err(_) => tokio::time::sleep(BREATH).await,
            }
        }
    }
}

async fn connection(stream: TcpStream, is_local: bool, state: Arc<State>) -> hyper::Result<()> {
    let service = service_fn(move |request: Request<Incoming>| {
        let state = Arc::clone(&state);
        async move { Ok::<_, Infallible>(answer(request.method(), request.uri().path(), is_local, &state).await) }
    });
    // Without keep-alive an idle client takes no place.
    http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await
}

async fn answer(method: &Method, path: &str, is_local: bool, state: &State) -> Response<Full<Bytes>> {
    if !matches!(path, "/metrics" | "/healthz" | "/readyz" | "/status") {
        let there = "there is /metrics, /healthz, /readyz and /status\n";
        return respond(StatusCode::NOT_FOUND, PLAIN, there);
    }
    if method != Method::GET && method != Method::HEAD {
        let mut refusal = respond(StatusCode::METHOD_NOT_ALLOWED, PLAIN, "this can only be read\n");
        refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refusal;
    }
    match path {
        "/metrics" => metrics(state),
        "/readyz" => readyz(state),
        "/status" if is_local => status(state).await,
        "/status" => respond(StatusCode::FORBIDDEN, PLAIN, "this is told over loopback only\n"),
        _ => respond(StatusCode::OK, PLAIN, "ok\n"),
    }
}

/// The event loop's word, not older than [`FRESH`]. At its end nobody answers.
async fn status(state: &State) -> Response<Full<Bytes>> {
    let mut told = state.told.lock().await;
    if told.as_ref().is_none_or(|(at, _)| at.elapsed() >= FRESH) {
        *told = ask(&state.status).await.map(|status| (Instant::now(), status.into()));
    }
    match &*told {
        Some((_, status)) => respond(StatusCode::OK, JSON, status.clone()),
        None => respond(StatusCode::SERVICE_UNAVAILABLE, PLAIN, "the agent is starting or stopping\n"),
    }
}

async fn ask(status: &Questions) -> Option<String> {
    let (way_back, answer) = oneshot::channel();
    status.send(way_back).await.ok()?;
    answer.await.ok()
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
