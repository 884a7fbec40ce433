//! The agent's metrics, read back from their text form.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

#[cfg(test)]
mod tests;

/// One scrape.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    samples: Vec<Sample>,
}

#[derive(Debug, Clone, PartialEq)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Metrics {
    /// Reads the Prometheus text form. Label values of the agent come from closed sets, so escapes are refused.
    pub fn parse(text: &str) -> Result<Self> {
        let samples = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| sample(line).with_context(|| format!("metrics line {line:?}")))
            .collect::<Result<_>>()?;
        Ok(Self { samples })
    }

    /// The sum over all series of `name` that have `labels`. A name that is not there is an error, so that a
    /// renamed metric does not read as zero.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Result<u64> {
        let mut found = self.samples.iter().filter(|sample| sample.is(name, labels)).peekable();
        if found.peek().is_none() {
            bail!("no series {name}{labels:?}");
        }
        Ok(found.map(|sample| sample.value as u64).sum())
    }

    /// The buckets of a histogram: upper bounds, with how many were at or below each. Rising.
    pub fn buckets(&self, name: &str) -> Result<Vec<(f64, f64)>> {
        let name = format!("{name}_bucket");
        let of = self.samples.iter().filter(|sample| sample.name == name);
        let bound = |sample: &Sample| {
            let bound = sample.labels.get("le").context("a bucket without a bound")?;
            anyhow::Ok((bound.parse().with_context(|| format!("the bound {bound:?}"))?, sample.value))
        };
        let mut buckets: Vec<(f64, f64)> = of.map(bound).collect::<Result<_>>()?;
        if buckets.is_empty() {
            bail!("no histogram {name}");
        }
        buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
        Ok(buckets)
    }

    /// As [`Metrics::sum`], for a series that may appear only once it was counted.
    pub fn sum_or_zero(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        self.sum(name, labels).unwrap_or(0)
    }
}

impl Sample {
    fn is(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        self.name == name
            && labels.iter().all(|(label, value)| self.labels.get(*label).is_some_and(|own| own == value))
    }
}

fn sample(line: &str) -> Result<Sample> {
    let (series, value) = line.rsplit_once(' ').context("no value")?;
    let value = value.parse().context("a value that is no number")?;
    let Some((name, labels)) = series.split_once('{') else {
        return Ok(Sample { name: series.to_owned(), labels: BTreeMap::new(), value });
    };
    let labels = labels.strip_suffix('}').context("labels without an end")?;
    let labels = labels.split(',').filter(|label| !label.is_empty()).map(label).collect::<Result<_>>()?;
    Ok(Sample { name: name.to_owned(), labels, value })
}

fn label(text: &str) -> Result<(String, String)> {
    let (name, quoted) = text.split_once('=').context("a label without a value")?;
    let value = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).context("no quotes")?;
    if value.contains(['\\', '"']) {
        bail!("an escape in {quoted}");
    }
    Ok((name.to_owned(), value.to_owned()))
}
