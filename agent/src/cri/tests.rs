//! Against a runtime of the tests' own on a socket, which says what it is told to.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Mutex;

use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tempfile::TempDir;
use tokio::net::UnixListener;

use super::call::DEADLINE;
use super::message::*;
use super::*;

const ID: &str = "c0ffee";
const DIGEST: &str = "registry.test/app@sha256:aa";

/// What a runtime does with a call, by the method's path and the message.
type Behaviour = fn(&str, &[u8]) -> Said;

enum Said {
    Message(Vec<u8>),
    /// What is no frame of gRPC.
    Bytes(Vec<u8>),
    Status(u16),
    Nothing,
}

/// A runtime that listens until it is dropped, on a thread of its own.
struct Fake {
    folder: TempDir,
}

impl Fake {
    fn start(behaviour: Behaviour) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("run/containerd/containerd.sock");
        std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
        let (ready, is_ready) = sync_channel(1);
        thread::spawn(move || {
            let tasks = Builder::new_current_thread().enable_all().build().unwrap();
            tasks.block_on(async {
                let listener = UnixListener::bind(&socket).unwrap();
                ready.send(()).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    let service = service_fn(move |request| serve(request, behaviour));
                    let connection = http2::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service);
                    tokio::spawn(connection);
                }
            });
        });
        is_ready.recv().unwrap();
        Self { folder }
    }

    fn cri(&self) -> Cri {
        Cri::new(self.folder.path(), None)
    }
}

async fn serve(
    request: Request<Incoming>,
    behaviour: Behaviour,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    let path = request.uri().path().to_owned();
    let message = request.into_body().collect().await.unwrap().to_bytes();
    let said = behaviour(&path, message.get(5..).unwrap_or_default());
    // gRPC over HTTP/2, "Length-Prefixed-Message": no compression, four bytes of length.
    let (body, status) = match said {
        Said::Message(message) => {
            let length = u32::try_from(message.len()).unwrap().to_be_bytes();
            ([&[0], &length[..], &message].concat(), 0)
        }
        Said::Bytes(bytes) => (bytes, 0),
        Said::Status(status) => (Vec::new(), status),
        Said::Nothing => std::future::pending().await,
    };
    let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), HeaderValue::from(status))]);
    let body = Full::new(Bytes::from(body)).with_trailers(async { Some(Ok(trailers)) }).boxed();
    Ok(Response::builder().header("content-type", "application/grpc").body(body).unwrap())
}

fn question(about: About) -> Question {
    Question { cgroup: 7, container: ID.into(), runtime: Runtime::Containerd, about }
}

/// What comes of one question.
fn asked(cri: &mut Cri, about: About) -> Option<Told> {
    cri.ask(question(about)).expect("it is asked");
    let tasks = Builder::new_current_thread().enable_all().build().unwrap();
    let answer = tasks.block_on(cri.answer());
    assert_eq!((answer.question.cgroup, &*answer.question.container), (7, ID));
    answer.told
}

fn digests(behaviour: Behaviour) -> Option<Vec<String>> {
    match asked(&mut Fake::start(behaviour).cri(), About::Image)? {
        Told::Image(digests) => Some(digests),
        Told::Spec(spec) => panic!("{spec:?}"),
    }
}

fn message(message: &(impl Message + Debug)) -> Said {
    Said::Message(message.encode_to_vec())
}

fn status(image_ref: &str, image_id: &str) -> Said {
    let status = ContainerStatus { id: ID.into(), image_ref: image_ref.into(), image_id: image_id.into() };
    message(&ContainerStatusResponse { status: Some(status), info: BTreeMap::new() })
}

/// An image that was pulled by digests, if it is asked for by this id.
fn image(id: &str, asked: &[u8], digests: &[&str]) -> Said {
    let asked = ImageStatusRequest::decode(asked).unwrap().image.unwrap().image;
    let repo_digests = digests.iter().map(|digest| (*digest).to_owned()).collect();
    let image = (asked == id).then(|| Image { id: id.into(), repo_digests });
    message(&ImageStatusResponse { image })
}

#[test]
fn digests_are_those_of_the_image_that_the_container_was_made_from() {
    let told = digests(|method, asked| match method {
        CONTAINER_STATUS => {
            let asked = ContainerStatusRequest::decode(asked).unwrap();
            assert_eq!(asked, ContainerStatusRequest { container_id: ID.into(), verbose: false });
            status("registry.test/app@sha256:old", "sha256:id")
        }
        IMAGE_STATUS => image("sha256:id", asked, &["registry.test/other@sha256:bb", DIGEST]),
        _ => panic!("{method}"),
    });
    assert_eq!(told, Some(vec!["registry.test/other@sha256:bb".to_owned(), DIGEST.to_owned()]));
}

#[test]
fn an_older_runtime_names_the_image_by_its_reference() {
    let told = digests(|method, asked| match method {
        CONTAINER_STATUS => status(DIGEST, ""),
        _ => image(DIGEST, asked, &[DIGEST]),
    });
    assert_eq!(told, Some(vec![DIGEST.to_owned()]));
}

#[test]
fn an_image_that_was_never_pulled_has_no_digests() {
    let imported = digests(|method, asked| match method {
        CONTAINER_STATUS => status("sha256:id", "sha256:id"),
        _ => image("sha256:id", asked, &[]),
    });
    assert_eq!(imported, Some(Vec::new()));
    let removed = digests(|method, asked| match method {
        CONTAINER_STATUS => status("sha256:id", "sha256:id"),
        _ => image("sha256:another", asked, &[]),
    });
    assert_eq!(removed, Some(Vec::new()));
}

#[test]
fn a_runtime_that_talks_nonsense_tells_nothing() {
    let table: [(&str, Behaviour); 9] = [
        ("an error", |_, _| Said::Status(5)),
        ("an unknown status", |_, _| Said::Status(99)),
        ("no message", |_, _| Said::Bytes(Vec::new())),
        ("no frame", |_, _| Said::Bytes(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())),
        ("half a message", |_, _| Said::Bytes(vec![0, 0, 0, 0, 9, 1])),
        ("an endless length", |_, _| Said::Bytes(vec![0, 0xff, 0xff, 0xff, 0xff, 1])),
        ("no protobuf", |_, _| Said::Message(vec![0xff; 64])),
        ("no status", |_, _| Said::Message(Vec::new())),
        ("another container", |_, _| {
            let another = ContainerStatus { id: "another".into(), ..ContainerStatus::default() };
            message(&ContainerStatusResponse { status: Some(another), info: BTreeMap::new() })
        }),
    ];
    for (what, behaviour) in table {
        assert_eq!(digests(behaviour), None, "{what}");
    }
}

#[test]
fn an_answer_that_is_too_large_tells_nothing() {
    let told = digests(|method, _| match method {
        CONTAINER_STATUS => status(DIGEST, "sha256:id"),
        _ => {
            let repo_digests = vec![DIGEST.repeat(64); 4096];
            message(&ImageStatusResponse { image: Some(Image { id: "sha256:id".into(), repo_digests }) })
        }
    });
    assert_eq!(told, None);
}

#[test]
fn a_runtime_that_hangs_costs_one_deadline_and_is_left_alone_for_a_while() {
    let fake = Fake::start(|_, _| Said::Nothing);
    let (mut cri, began) = (fake.cri(), Instant::now());
    for _ in 0..20 {
        assert_eq!(asked(&mut cri, About::Image), None);
    }
    let took = began.elapsed();
    assert!(took >= DEADLINE && took < 2 * DEADLINE, "{took:?}");
}

#[test]
fn one_failed_call_does_not_keep_others_from_being_asked() {
    static FAILS: Mutex<bool> = Mutex::new(true);
    let fake = Fake::start(|method, asked| match method {
        CONTAINER_STATUS if std::mem::take(&mut *FAILS.lock().unwrap()) => Said::Status(13),
        CONTAINER_STATUS => status(DIGEST, "sha256:id"),
        _ => image("sha256:id", asked, &[DIGEST]),
    });
    let mut cri = fake.cri();
    assert_eq!(asked(&mut cri, About::Image), None);
    assert_eq!(asked(&mut cri, About::Image), Some(Told::Image(vec![DIGEST.to_owned()])));
}

#[test]
fn nobody_is_asked_where_no_such_runtime_listens() {
    let fake = Fake::start(|_, _| panic!("nobody asks"));
    let mut cri = fake.cri();
    for runtime in [Runtime::CriO, Runtime::Docker, Runtime::Podman, Runtime::Runc] {
        let question = Question { runtime, ..question(About::Image) };
        assert!(cri.ask(question).is_err(), "{runtime:?}");
    }
    let elsewhere = fake.folder.path().join("elsewhere");
    assert!(Cri::new(fake.folder.path(), Some(&elsewhere)).ask(question(About::Image)).is_err());
}

#[test]
fn a_socket_that_is_given_is_asked_for_every_runtime_of_cri() {
    let fake = Fake::start(|method, asked| match method {
        CONTAINER_STATUS => status("", "sha256:id"),
        _ => image("sha256:id", asked, &[DIGEST]),
    });
    let socket = fake.folder.path().join(CONTAINERD);
    let mut cri = Cri::new(Path::new("/nowhere"), Some(&socket));
    cri.ask(Question { runtime: Runtime::CriO, ..question(About::Image) }).expect("it is asked");
    let tasks = Builder::new_current_thread().enable_all().build().unwrap();
    let told = tasks.block_on(cri.answer()).told;
    assert_eq!(told, Some(Told::Image(vec![DIGEST.to_owned()])));
}

/// A file that is no socket, and one at which nobody listens any more.
#[test]
fn a_runtime_that_is_gone_tells_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, socket) = (folder.path().join("file"), folder.path().join("socket"));
    std::fs::write(&file, "").unwrap();
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    for path in [file, socket] {
        assert_eq!(asked(&mut Cri::new(folder.path(), Some(&path)), About::Image), None, "{path:?}");
    }
}

#[test]
fn a_specification_comes_with_a_verbose_status() {
    fn verbose(asked: &[u8], info: &str) -> Said {
        assert!(ContainerStatusRequest::decode(asked).unwrap().verbose);
        let status = ContainerStatus { id: ID.into(), ..ContainerStatus::default() };
        let info = BTreeMap::from([("info".to_owned(), info.to_owned())]);
        message(&ContainerStatusResponse { status: Some(status), info })
    }

    let spec = |behaviour| asked(&mut Fake::start(behaviour).cri(), About::Spec(Box::default()));
    let told = spec(|_, asked| verbose(asked, r#"{"pid": 1, "runtimeSpec": {"root": {"readonly": true}}}"#));
    let Some(Told::Spec(told)) = told else { panic!("{told:?}") };
    assert!(told.root.is_some_and(|root| root.readonly));
    assert_eq!(spec(|_, asked| verbose(asked, r#"{"runtimeSpec": null}"#)), None);
    assert_eq!(spec(|_, asked| verbose(asked, "no JSON")), None);
}
