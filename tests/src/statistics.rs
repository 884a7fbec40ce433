//! Medians, and how sure one may be of them.

#[cfg(test)]
mod tests;

/// A median with the interval that covers the true one with a probability of at least 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Median {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Median {
    /// The median of `values` and its interval by order statistics, which assumes nothing of their distribution:
    /// how many of n values lie below the true median is binomial with 1/2. None for no values; for fewer than
    /// six no interval covers 95 %, and the widest one is given.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len();
        sorted.first()?;
        let value = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2.0;
        let cut = rank(count).saturating_sub(1);
        Some(Self { value, low: sorted[cut], high: sorted[count - 1 - cut] })
    }
}

/// The rank of the interval's lower end, counted from 1: the largest d for which fewer than d of `count` coins show
/// heads with a probability of at most 2.5 %. 0 if there is none.
fn rank(count: usize) -> usize {
    let mut probability = 0.5f64.powi(i32::try_from(count).unwrap_or(i32::MAX));
    let mut sum = probability;
    let mut rank = 0;
    while sum <= 0.025 && rank < count / 2 {
        rank += 1;
        probability *= (count - rank + 1) as f64 / rank as f64;
        sum += probability;
    }
    rank
}
