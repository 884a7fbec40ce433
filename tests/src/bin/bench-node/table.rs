//! The table that the bench prints and docs/benchmarks/node.md holds.

use std::fmt;

use anyhow::Result;
use tests::machine;

/// One figure, and what it had to be.
#[derive(Debug)]
struct Row {
    what: String,
    measured: String,
    /// The budget, and whether it was kept; none for a figure that only informs.
    budget: Option<(&'static str, bool)>,
}

#[derive(Debug)]
pub(crate) struct Table {
    machine: String,
    quick: bool,
    rows: Vec<Row>,
}

impl Table {
    pub(crate) fn new(quick: bool) -> Result<Self> {
        Ok(Self { machine: machine::description()?, quick, rows: Vec::new() })
    }

    pub(crate) fn inform(&mut self, what: impl Into<String>, measured: impl Into<String>) {
        self.rows.push(Row { what: what.into(), measured: measured.into(), budget: None });
    }

    pub(crate) fn judge(
        &mut self,
        what: impl Into<String>,
        measured: impl Into<String>,
        budget: &'static str,
        met: bool,
    ) {
        self.rows.push(Row { what: what.into(), measured: measured.into(), budget: Some((budget, met)) });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Benchmarks\n")?;
        writeln!(f, "Written by `cargo xtask bench node` on {}.", self.machine)?;
        writeln!(
            f,
            "Ratios are medians over interleaved rounds, with the interval that holds the true median with"
        )?;
        writeln!(
            f,
            "a probability of at least 95 % (order statistics). A row without a budget only informs.\n"
        )?;
        if self.quick {
            writeln!(
                f,
                "**A quick run: it shows that the bench works; its figures are not to be quoted.**\n"
            )?;
        }
        writeln!(f, "| what | measured | budget | met |\n| --- | --- | --- | --- |")?;
        for Row { what, measured, budget } in &self.rows {
            let (budget, met) = match budget {
                Some((budget, true)) => (*budget, "yes"),
                Some((budget, false)) => (*budget, "**no**"),
                None => ("", ""),
            };
            writeln!(f, "| {what} | {measured} | {budget} | {met} |")?;
        }
        Ok(())
    }
}

/// `1.002 (0.998 to 1.006)`.
pub(crate) fn ratio(median: tests::statistics::Median) -> String {
    format!("{:.3} ({:.3} to {:.3})", median.value, median.low, median.high)
}

/// Bytes as MiB.
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
