use prometheus_client::metrics::counter::Counter;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

use super::*;

/// A server that runs, and the switch of its readiness.
struct Scene {
    addr: SocketAddr,
    ready: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Scene {
    async fn start() -> Self {
        let server = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let mut registry = Registry::default();
        let counter: Counter = Counter::default();
        counter.inc_by(5);
        registry.register("plumbline_test_things", "Things", counter);
        let (ready, is_ready) = watch::channel(false);
        let addr = server.addr();
        let (questions, mut asked) = mpsc::channel::<oneshot::Sender<String>>(1);
        tokio::spawn(async move {
            while let Some(way_back) = asked.recv().await {
                way_back.send("{}".to_owned()).unwrap();
            }
        });
        let running = tokio::spawn(server.run(Arc::new(registry), is_ready, questions));
        Self { addr, ready, running }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.unwrap()
    }

    /// Sends bytes as they are and reads until the server closes.
    async fn ask(&self, request: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    async fn request(&self, method: &str, path: &str) -> String {
        self.ask(format!("{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await
    }
}

fn status(answer: &str) -> &str {
    answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or("none")
}

#[tokio::test]
async fn metrics_are_open_metrics() {
    let scene = Scene::start().await;
    let answer = scene.request("GET", "/metrics?format=any").await;
    assert_eq!(status(&answer), "200");
    assert!(answer.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
    assert!(answer.ends_with("plumbline_test_things_total 5\n# EOF\n"), "{answer}");
}

#[tokio::test]
async fn readiness_follows_the_agent() {
    let scene = Scene::start().await;
    assert_eq!(status(&scene.request("GET", "/readyz").await), "503");
    scene.ready.send_replace(true);
    assert_eq!(status(&scene.request("GET", "/readyz").await), "200");
    scene.ready.send_replace(false);
    assert_eq!(status(&scene.request("GET", "/readyz").await), "503");
    assert_eq!(status(&scene.request("GET", "/healthz").await), "200", "it is alive all the same");
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_with_a_sentence() {
    let scene = Scene::start().await;
    for path in ["/", "/metrics/", "/debug/pprof", "*"] {
        let answer = scene.request("GET", path).await;
        assert_ne!(status(&answer), "200", "{path}");
    }
    assert!(scene.request("GET", "/x").await.ends_with("there is /metrics, /healthz, /readyz and /status\n"));
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = scene.request(method, "/metrics").await;
        assert_eq!(status(&answer), "405", "{method}");
        assert!(answer.contains("allow: GET, HEAD\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn status_is_the_event_loops_word_and_told_over_loopback_only() {
    let scene = Scene::start().await;
    assert!(scene.request("GET", "/status").await.ends_with("\r\n\r\n{}"));
    let (status, _) = mpsc::channel(1);
    let state =
        State { registry: Arc::default(), ready: watch::channel(true).1, status, told: Mutex::default() };
    let code = async |is_local| answer(&Method::GET, "/status", is_local, &state).await.status();
    assert_eq!(code(false).await, StatusCode::FORBIDDEN);
    assert_eq!(code(true).await, StatusCode::SERVICE_UNAVAILABLE, "the loop has ended");
}

#[tokio::test(start_paused = true)]
async fn status_is_asked_for_four_times_a_second_at_most() {
    let (status, mut asked) = mpsc::channel::<oneshot::Sender<String>>(1);
    let loop_turns = tokio::spawn(async move {
        let mut times = 0;
        while let Some(way_back) = asked.recv().await {
            times += 1;
            way_back.send(times.to_string()).unwrap();
        }
        times
    });
    let state =
        State { registry: Arc::default(), ready: watch::channel(true).1, status, told: Mutex::default() };
    for _ in 0..100 {
        assert_eq!(answer(&Method::GET, "/status", true, &state).await.status(), StatusCode::OK);
        tokio::time::advance(Duration::from_millis(10)).await;
    }
    drop(state);
    assert_eq!(loop_turns.await.unwrap(), 4, "in the second that passed");
}

#[tokio::test]
async fn a_head_has_no_body() {
    let scene = Scene::start().await;
    let answer = scene.request("HEAD", "/healthz").await;
    assert_eq!(status(&answer), "200");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn what_is_no_http_or_too_long_ends_that_connection_alone() {
    let scene = Scene::start().await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(2 * HEAD_BYTES));
    for request in [b"\x16\x03\x01\x02\x00".as_slice(), b"hello\r\n\r\n", long.as_bytes()] {
        let mut stream = scene.connect().await;
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        // A reset is an answer too: the server does not read what it will not use.
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(status(&scene.request("GET", "/healthz").await), "200");
}

#[tokio::test(start_paused = true)]
async fn clients_that_say_nothing_are_gone_after_a_while() {
    let scene = Scene::start().await;
    let mut silent = Vec::new();
    for _ in 0..MOST_CONNECTIONS {
        silent.push(scene.connect().await);
    }
    // All places are taken: this one is answered once the others ran out of time.
    assert_eq!(status(&scene.request("GET", "/healthz").await), "200");
    let mut rest = Vec::new();
    silent[0].read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn an_address_in_use_is_an_error() {
    let scene = Scene::start().await;
    assert_eq!(bind(scene.addr).await.unwrap_err().kind(), io::ErrorKind::AddrInUse);
}
