//! Programs and scripts of a case, where `origin` and `volume` make one origin.

use serde::Deserialize;
use thiserror::Error;

use super::{known, text};
use crate::event::{Executable, Origin, Script, VolumeKind};
use crate::known::Known;
use crate::text::Text;

#[derive(Clone, Copy, Deserialize)]
enum OriginWord {
    Image,
    CopiedUp,
    Upper,
    Volume,
    Memfd,
    Deleted,
    Host,
    Unknown,
}

#[derive(Debug, Error)]
#[error("`volume` is there only beside the origin Volume")]
pub(super) struct StrayVolume;

fn origin(word: Option<OriginWord>, volume: Option<String>) -> Result<Origin, StrayVolume> {
    let origin = match word {
        Some(OriginWord::Volume) => return Ok(Origin::Volume(known(volume).map(VolumeKind::declared))),
        _ if volume.is_some() => return Err(StrayVolume),
        Some(OriginWord::Image) => Origin::Image,
        Some(OriginWord::CopiedUp) => Origin::CopiedUp,
        Some(OriginWord::Upper) => Origin::Upper,
        Some(OriginWord::Memfd) => Origin::Memfd,
        Some(OriginWord::Deleted) => Origin::Deleted,
        Some(OriginWord::Host) => Origin::Host,
        Some(OriginWord::Unknown) | None => Origin::Unknown,
    };
    Ok(origin)
}

/// A script or an ancestor.
#[derive(Deserialize)]
#[serde(try_from = "FileFields")]
pub(super) struct FileCase {
    pub(super) path: Known<Text>,
    pub(super) origin: Origin,
}

#[derive(Deserialize)]
struct FileFields {
    path: Option<String>,
    origin: Option<OriginWord>,
    volume: Option<String>,
}

impl TryFrom<FileFields> for FileCase {
    type Error = StrayVolume;

    fn try_from(FileFields { path, origin: word, volume }: FileFields) -> Result<Self, StrayVolume> {
        Ok(Self { path: text(path), origin: origin(word, volume)? })
    }
}

/// `event.executable` of a case.
#[derive(Deserialize)]
#[serde(try_from = "ExecutableFields")]
pub(super) struct ExecutableCase(pub(super) Executable);

#[derive(Deserialize)]
struct ExecutableFields {
    path: Option<String>,
    origin: Option<OriginWord>,
    volume: Option<String>,
    script: Option<FileCase>,
}

impl TryFrom<ExecutableFields> for ExecutableCase {
    type Error = StrayVolume;

    fn try_from(fields: ExecutableFields) -> Result<Self, StrayVolume> {
        let ExecutableFields { path, origin: word, volume, script } = fields;
        let script = script.map(|FileCase { path, origin }| Script { path, origin });
        Ok(Self(Executable { path: text(path), origin: origin(word, volume)?, script }))
    }
}

impl Default for ExecutableCase {
    fn default() -> Self {
        Self(Executable { path: Known::Unknown, origin: Origin::Unknown, script: None })
    }
}
