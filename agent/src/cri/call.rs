//! The two calls.

use std::path::Path;
use std::time::Duration;

use http::uri::PathAndQuery;
use policy::observed::OciSpec;
use prost::Message;
use serde::Deserialize;
use thiserror::Error;
use tokio::time::timeout;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;

use super::message::{
    CONTAINER_STATUS, ContainerStatusRequest, ContainerStatusResponse, IMAGE_STATUS, ImageSpec,
    ImageStatusRequest, ImageStatusResponse,
};
use super::{About, Question, Told};

/// For all that one question takes.
pub(super) const DEADLINE: Duration = Duration::from_secs(2);
/// Larger answers are refused. A verbose one has the container's configuration and its OCI specification twice over,
/// of 60 KiB each with a long seccomp profile.
const ANSWER_MAX: usize = 2 << 20;

/// Why the runtime does not say.
#[derive(Debug, Error)]
pub(super) enum CallError {
    #[error("{0} is no path of a socket")]
    Path(String),
    #[error("the runtime cannot be reached")]
    Unreachable(#[source] tonic::transport::Error),
    #[error("the runtime does not answer within {DEADLINE:?}")]
    Late,
    #[error("{method} failed")]
    Failed { method: &'static str, source: tonic::Status },
    #[error("the answer is about another container, or does not say what was asked")]
    Another,
}

impl CallError {
    /// Whether other questions would fare no better.
    pub(super) fn is_of_the_runtime(&self) -> bool {
        matches!(self, Self::Path(_) | Self::Unreachable(_) | Self::Late)
    }
}

/// Asks about one container. The connection is made for it: questions are rare, and a runtime may have been started anew
/// in between.
pub(super) async fn ask(socket: &Path, question: &Question) -> Result<Told, CallError> {
    timeout(DEADLINE, connect_and_ask(socket, question)).await.map_err(|_| CallError::Late)?
}

async fn connect_and_ask(socket: &Path, question: &Question) -> Result<Told, CallError> {
    let named = || CallError::Path(socket.display().to_string());
    let path = socket.to_str().ok_or_else(named)?;
    let endpoint = Endpoint::from_shared(format!("unix:{path}")).map_err(|_| named())?;
    let channel = endpoint.connect().await.map_err(CallError::Unreachable)?;
    let mut runtime = Grpc::new(channel).max_decoding_message_size(ANSWER_MAX);
    let told = match question.about {
        About::Image => image(&mut runtime, &question.container).await?.map(Told::Image),
        About::Spec(_) => {
            let answer = status(&mut runtime, &question.container, true).await?;
            answer.and_then(|answer| spec(answer.info.get("info")?)).map(Told::Spec)
        }
    };
    told.ok_or(CallError::Another)
}

/// `repoDigests` of a container's image.
async fn image(runtime: &mut Grpc<Channel>, id: &str) -> Result<Option<Vec<String>>, CallError> {
    let status = status(runtime, id, false).await?.and_then(|answer| answer.status);
    // These name the image that it was made from, and no other. What a status calls `image` is a tag, which may have moved.
    let names = status.map(|status| [status.image_id, status.image_ref]);
    let Some(image) = names.into_iter().flatten().find(|name| !name.is_empty()) else { return Ok(None) };
    let asked = ImageStatusRequest { image: Some(ImageSpec { image }) };
    let ImageStatusResponse { image } = call(runtime, IMAGE_STATUS, asked).await?;
    // An image that was removed while its container runs has no digests any more, as if it was never pulled.
    Ok(Some(image.map(|image| image.repo_digests).unwrap_or_default()))
}

/// How a container is; None if the answer is about another.
async fn status(
    runtime: &mut Grpc<Channel>,
    id: &str,
    verbose: bool,
) -> Result<Option<ContainerStatusResponse>, CallError> {
    let asked = ContainerStatusRequest { container_id: id.to_owned(), verbose };
    let answer: ContainerStatusResponse = call(runtime, CONTAINER_STATUS, asked).await?;
    let is_it = answer.status.as_ref().is_some_and(|status| status.id == id);
    Ok(is_it.then_some(answer))
}

async fn call<Q, A>(runtime: &mut Grpc<Channel>, method: &'static str, question: Q) -> Result<A, CallError>
where
    Q: Message + 'static,
    A: Message + Default + 'static,
{
    runtime.ready().await.map_err(CallError::Unreachable)?;
    let codec = ProstCodec::<Q, A>::default();
    let answer = runtime.unary(tonic::Request::new(question), PathAndQuery::from_static(method), codec).await;
    answer.map(tonic::Response::into_inner).map_err(|source| CallError::Failed { method, source })
}

/// The OCI specification in a verbose answer.
fn spec(info: &str) -> Option<Box<OciSpec>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Info {
        runtime_spec: Option<Box<OciSpec>>,
    }

    serde_json::from_str::<Info>(info).ok()?.runtime_spec
}
