//! The page that the bench prints and docs/benchmarks/cel.md holds.

use std::fmt::Write;

use anyhow::{Context, Result};
use tests::machine;
use tests::statistics::Median;

use crate::measure::Measured;

/// How many times as fast as cel-go: in the geometric mean, and each one.
const MEAN: f64 = 10.0;
const EACH: f64 = 3.0;

pub(crate) fn text(groups: &[(&str, Vec<Measured>)], quick: bool) -> Result<String> {
    let mut page = format!(
        "# Benchmarks: the expression language\n\n\
         Written by `cargo xtask bench cel` on {}.\n\
         cel-go 0.29 stands beside in the same run, set as the API server sets it: constants are folded, what an evaluation\n\
         costs is counted and limited, as it is by us. It times only its own work.\n\
         Rounds of both alternate. A ratio says how many times as long cel-go takes: the median over the rounds, with the\n\
         interval that holds the true one with a probability of at least 95 % (order statistics).\n\
         Our compilation checks while names become slots, so that the two are timed as one; cel-go's parts stand beside.\n",
        machine::description()?
    );
    if quick {
        page += "\n**A quick run: it shows that the bench works; its figures are not to be quoted.**\n";
    }
    page += "\n| what | ratio | budget | met |\n| --- | --- | --- | --- |\n";
    for (group, measured) in groups.iter().filter(|(_, measured)| !measured.is_empty()) {
        let (compile, evaluate) =
            (|it: &Measured| it.compile.ratio.value, |it: &Measured| it.evaluate.ratio.value);
        summarize(&mut page, &format!("{group}, compilation"), measured.iter().map(compile))?;
        summarize(&mut page, &format!("{group}, evaluation"), measured.iter().map(evaluate))?;
        let parse = mean(measured.iter().map(|it| it.parse.ratio.value));
        let unlimited = mean(measured.iter().map(|it| it.unlimited.value / it.evaluate.ours.value));
        for (what, value) in [("parsing", parse), ("evaluation, cel-go without limit", unlimited)] {
            writeln!(page, "| {group}, {what}: geometric mean | {value:.1} | none | |")?;
        }
    }
    for (group, measured) in groups {
        details(&mut page, group, measured)?;
    }
    Ok(page)
}

fn summarize(page: &mut String, what: &str, ratios: impl Iterator<Item = f64> + Clone) -> Result<()> {
    let mean = mean(ratios.clone());
    let least = ratios.min_by(f64::total_cmp).context("nothing was measured")?;
    for (which, value, budget) in [("geometric mean", mean, MEAN), ("least", least, EACH)] {
        let met = if value >= budget { "yes" } else { "**no**" };
        writeln!(page, "| {what}: {which} | {value:.1} | at least {budget} | {met} |")?;
    }
    Ok(())
}

/// The geometric mean.
fn mean(ratios: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = ratios.clone().count() as f64;
    (ratios.map(f64::ln).sum::<f64>() / count).exp()
}

fn details(page: &mut String, group: &str, measured: &[Measured]) -> Result<()> {
    writeln!(page, "\n## {group}\n")?;
    writeln!(
        page,
        "| expression | evaluation | cel-go (without limit) | ratio | parsing | cel-go | compilation | \
         cel-go (check, program) | ratio | cel-go's allocations an evaluation |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    for Measured { name, parse, compile, evaluate, unlimited, parts, allocations } in measured {
        let [check, program] = parts.map(time);
        writeln!(
            page,
            "| {name} | {} | {} ({}) | {} | {} | {} | {} | {} ({check}, {program}) | {} | {allocations:.0} |",
            time(evaluate.ours),
            time(evaluate.theirs),
            time(*unlimited),
            ratio(evaluate.ratio),
            time(parse.ours),
            time(parse.theirs),
            time(compile.ours),
            time(compile.theirs),
            ratio(compile.ratio),
        )?;
    }
    Ok(())
}

fn time(nanoseconds: Median) -> String {
    match nanoseconds.value {
        value if value < 1_000.0 => format!("{value:.0} ns"),
        value if value < 100_000.0 => format!("{:.2} µs", value / 1_000.0),
        value => format!("{:.0} µs", value / 1_000.0),
    }
}

/// `12.1 (11.8 to 12.4)`.
fn ratio(median: Median) -> String {
    format!("{:.1} ({:.1} to {:.1})", median.value, median.low, median.high)
}
