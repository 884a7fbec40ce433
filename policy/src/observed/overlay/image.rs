//! `image`.

use super::Change;
use super::comparison::{Comparison, Finding};
use crate::known::Known;

/// Tags move and registries have mirrors, so only digests are compared.
pub(super) fn changes(case: &Comparison<'_>) -> Vec<Change> {
    change(case).into_iter().collect()
}

fn change(case: &Comparison<'_>) -> Option<Change> {
    let declared = &case.container["image"];
    let wanted = digest(declared.as_str()?)?;
    let found = case.facts.image_digests.as_ref().known()?;
    let observed = found.iter().find(|reference| digest(reference).is_some())?;
    if found.iter().any(|reference| digest(reference) == Some(wanted)) {
        return None;
    }
    let finding = Finding {
        declared: Some(declared),
        observed: observed.as_str().into(),
        // The runtime is told of a folder and not of an image.
        step: Known::Unknown,
        reason: format!("it was made from the image {observed}"),
    };
    Some(case.change("image", finding))
}

/// The digest of `repository[:tag]@sha256:<hex>`.
fn digest(reference: &str) -> Option<&str> {
    reference.rsplit_once('@').map(|(_, digest)| digest).filter(|digest| digest.starts_with("sha256:"))
}

#[cfg(test)]
mod tests;
