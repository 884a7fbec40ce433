//! The fields of CRI's messages that are asked for: k8s.io/cri-api, pkg/apis/runtime/v1/api.proto, by its names and
//! numbers. A decoder passes over the others.

use std::collections::BTreeMap;

use prost::Message;

/// Paths of the methods.
pub(super) const CONTAINER_STATUS: &str = "/runtime.v1.RuntimeService/ContainerStatus";
pub(super) const IMAGE_STATUS: &str = "/runtime.v1.ImageService/ImageStatus";

#[derive(Clone, PartialEq, Message)]
pub(super) struct ContainerStatusRequest {
    #[prost(string, tag = "1")]
    pub(super) container_id: String,
    /// Whether `info` is wanted.
    #[prost(bool, tag = "2")]
    pub(super) verbose: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ContainerStatusResponse {
    #[prost(message, optional, tag = "1")]
    pub(super) status: Option<ContainerStatus>,
    /// By custom of containerd and CRI-O a JSON object under the key `info`.
    #[prost(btree_map = "string, string", tag = "2")]
    pub(super) info: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ContainerStatus {
    #[prost(string, tag = "1")]
    pub(super) id: String,
    /// A digest by which the image was pulled, one of perhaps several; its id where there is none.
    #[prost(string, tag = "9")]
    pub(super) image_ref: String,
    /// The image's id on the node, the digest of its configuration. Older runtimes leave it out.
    #[prost(string, tag = "17")]
    pub(super) image_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ImageStatusRequest {
    #[prost(message, optional, tag = "1")]
    pub(super) image: Option<ImageSpec>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ImageSpec {
    /// A reference or an id.
    #[prost(string, tag = "1")]
    pub(super) image: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ImageStatusResponse {
    /// Absent where there is no such image.
    #[prost(message, optional, tag = "1")]
    pub(super) image: Option<Image>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Image {
    #[prost(string, tag = "1")]
    pub(super) id: String,
    /// `NAME@sha256:<hex>`, one for each digest that it was pulled by.
    #[prost(string, repeated, tag = "3")]
    pub(super) repo_digests: Vec<String>,
}
