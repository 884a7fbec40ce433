//! A registry on loopback that serves a few images: distribution-spec, "Pull".

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};

use super::image::{Blob, Image};

/// What it is called in references.
pub(super) const REGISTRY: &str = "registry.test";

/// It ends with the process, with whoever asks it.
#[derive(Debug)]
pub(super) struct Registry {
    address: SocketAddr,
    images: Arc<[(&'static str, Image)]>,
}

impl Registry {
    /// Serves images, each by a `REPOSITORY:TAG`.
    pub(super) fn serve(images: Vec<(&'static str, Image)>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("listen on loopback")?;
        let registry = Self { address: listener.local_addr()?, images: images.into() };
        let images = Arc::clone(&registry.images);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Who asked is gone, and asks again if it wants to know.
                drop(answer(stream, &images));
            }
        });
        Ok(registry)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The digest that an image is pulled by.
    pub(super) fn digest(&self, name: &str) -> Result<&str> {
        let image = self.images.iter().find(|(known, _)| *known == name);
        image.map(|(_, image)| image.digest()).with_context(|| format!("there is no image {name}"))
    }
}

fn answer(mut stream: TcpStream, images: &[(&str, Image)]) -> Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().context("no request")??;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let mut words = request.split(' ');
    let (method, path) = (words.next().context("no method")?, words.next().context("no path")?);
    let path = path.split('?').next().unwrap_or(path);
    let Some(Blob { kind, digest, content }) = find(path, images) else {
        return Ok(write!(
            stream,
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )?);
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nDocker-Content-Digest: {digest}\r\n\
         Connection: close\r\n\r\n",
        content.len()
    )?;
    if method != "HEAD" {
        stream.write_all(content)?;
    }
    Ok(())
}

/// What is at `/v2/REPOSITORY/manifests/TAG`, or at `/v2/REPOSITORY/{manifests,blobs}/DIGEST`.
fn find<'a>(path: &str, images: &'a [(&str, Image)]) -> Option<&'a Blob> {
    let (repository, rest) = path.strip_prefix("/v2/")?.split_once('/')?;
    let (_, reference) = rest.split_once('/')?;
    let of_repository = images.iter().filter_map(|(name, image)| Some((name.split_once(':')?, image)));
    of_repository.filter(|((name, _), _)| *name == repository).find_map(|((_, tag), image)| {
        if tag == reference {
            return Some(&image.blobs[0]);
        }
        image.blobs.iter().find(|blob| blob.digest == reference)
    })
}
