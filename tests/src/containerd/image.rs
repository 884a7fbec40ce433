//! Images made of the sample program alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::machine;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// An image of one layer.
#[derive(Debug, Clone)]
pub struct Image {
    /// Manifest, configuration, layer.
    pub(super) blobs: [Blob; 3],
}

/// A part of an image, by the digest of its content.
#[derive(Debug, Clone)]
pub(super) struct Blob {
    pub(super) kind: &'static str,
    pub(super) digest: String,
    pub(super) content: Vec<u8>,
}

impl Image {
    /// With `/bin/sample` as its program and `text` in its environment, which makes it another image.
    pub(super) fn of(sample: &Path, text: &str) -> Result<Self> {
        let layer = Blob::new(LAYER, layer(sample)?);
        let config = json!({
            "architecture": if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" },
            "os": "linux",
            "config": {"Entrypoint": ["/bin/sample"], "Cmd": ["sleep"], "Env": [format!("IMAGE={text}")]},
            "rootfs": {"type": "layers", "diff_ids": [layer.digest]},
        });
        let config = Blob::new(CONFIG, config.to_string().into_bytes());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.descriptor(),
            "layers": [layer.descriptor()],
        });
        Ok(Self { blobs: [Blob::new(MANIFEST, manifest.to_string().into_bytes()), config, layer] })
    }

    /// The digest by which it is pulled.
    pub fn digest(&self) -> &str {
        &self.blobs[0].digest
    }

    /// Writes it as an archive of an OCI image layout, under a name.
    pub(super) fn write_archive(&self, to: &Path, name: &str) -> Result<()> {
        let folder = TempDir::with_prefix("plumbline-image-")?;
        let blobs = folder.path().join("blobs/sha256");
        fs::create_dir_all(&blobs)?;
        for blob in &self.blobs {
            let (_, hex) = blob.digest.split_once(':').context("a digest without an algorithm")?;
            fs::write(blobs.join(hex), &blob.content)?;
        }
        let mut manifest = self.blobs[0].descriptor();
        manifest["annotations"] = json!({"io.containerd.image.name": name});
        let index = json!({"schemaVersion": 2, "manifests": [manifest]});
        fs::write(folder.path().join("index.json"), index.to_string())?;
        fs::write(folder.path().join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
        fs::write(to, tar(folder.path())?).context("write the archive")
    }
}

impl Blob {
    fn new(kind: &'static str, content: Vec<u8>) -> Self {
        let digest = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Self { kind, digest: format!("sha256:{digest}"), content }
    }

    fn descriptor(&self) -> Value {
        json!({"mediaType": self.kind, "digest": self.digest, "size": self.content.len()})
    }
}

fn layer(sample: &Path) -> Result<Vec<u8>> {
    let folder = TempDir::with_prefix("plumbline-layer-")?;
    for part in ["bin", "data", "etc", "tmp"] {
        fs::create_dir(folder.path().join(part))?;
    }
    let program = folder.path().join("bin/sample");
    fs::copy(sample, &program).with_context(|| format!("copy {}", sample.display()))?;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    tar(folder.path())
}

fn tar(folder: &Path) -> Result<Vec<u8>> {
    let tar = Command::new(machine::program("tar")?)
        .args(["--create", "--owner=0", "--group=0", "--numeric-owner", "--file=-", "--directory"])
        .arg(folder)
        .arg(".")
        .output()
        .context("start tar")?;
    ensure!(tar.status.success(), "tar: {}", String::from_utf8_lossy(&tar.stderr));
    Ok(tar.stdout)
}
