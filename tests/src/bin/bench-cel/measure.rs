//! How long both take for an expression.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use cel::{Budget, Environment, Outcome, Program, StaticType};
use tests::oracle::{Bench, Oracle, Request, Timed};
use tests::statistics::Median;

use crate::expressions::Expression;

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    pub(crate) rounds: usize,
    /// How long one measurement of a round takes, about.
    pub(crate) milliseconds: u64,
}

/// What was measured of an expression.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) parse: Pair,
    pub(crate) compile: Pair,
    pub(crate) evaluate: Pair,
    /// cel-go's evaluation where nothing is counted and limited.
    pub(crate) unlimited: Median,
    /// The other parts of cel-go's compilation: check, program.
    pub(crate) parts: [Median; 2],
    /// What cel-go allocates in an evaluation.
    pub(crate) allocations: f64,
}

/// Both, in nanoseconds an operation, and how many times as long the other takes.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) ours: Median,
    pub(crate) theirs: Median,
    pub(crate) ratio: Median,
}

/// Enough for the heaviest.
const STEPS: u64 = 1_000_000_000;

pub(crate) fn measure(oracle: &mut Oracle, expression: &Expression, amount: &Amount) -> Result<Measured> {
    let environment = Environment::standard().with_variable("object", StaticType::Dyn);
    let compile = || Program::compile(&environment, &expression.source);
    let program = compile().map_err(|errors| anyhow::anyhow!("{errors}"))?;
    let evaluate = || program.evaluate(&expression.input, &mut Budget::steps(STEPS));
    let Outcome::Value(value) = evaluate() else { bail!("it comes to {:?}", evaluate()) };
    ensure!(value.as_bool() == Some(true), "it is not true, and another path would be measured: {value}");
    let mut other = Other { oracle, expression };
    let (parse, _) = other.beside("parse", amount, || {
        black_box(Program::parse(&expression.source).is_ok());
    })?;
    let (compile, _) = other.beside("compile", amount, || {
        black_box(compile().is_ok());
    })?;
    let (evaluate, allocations) = other.beside("evaluate", amount, || {
        black_box(evaluate());
    })?;
    let mut part = |what| other.alone(what, amount);
    let parts = [part("check")?, part("program")?];
    let unlimited = part("evaluate unlimited")?;
    Ok(Measured { name: expression.name.clone(), parse, compile, evaluate, unlimited, parts, allocations })
}

/// The other judge and what it is asked about.
struct Other<'o> {
    oracle: &'o mut Oracle,
    expression: &'o Expression,
}

impl Other<'_> {
    /// Rounds of both, one after the other; and what the other allocates each time.
    fn beside(&mut self, what: &'static str, amount: &Amount, ours: impl Fn()) -> Result<(Pair, f64)> {
        let span = Duration::from_millis(amount.milliseconds);
        let our_times = times(span, || Ok(one(1, &ours)))?;
        let their_times = times(span, || Ok(each(self.time(what, 1)?, 1)))?;
        let (mut our_spans, mut their_spans, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        let mut allocations = 0.0;
        for _ in 0..amount.rounds {
            let ours = one(our_times, &ours);
            let timed = self.time(what, their_times)?;
            let theirs = each(timed, their_times);
            our_spans.push(ours);
            their_spans.push(theirs);
            ratios.push(theirs / ours);
            allocations = timed.allocations as f64 / their_times as f64;
        }
        let median = |values: &[f64]| Median::of(values).context("no rounds");
        let pair = Pair { ours: median(&our_spans)?, theirs: median(&their_spans)?, ratio: median(&ratios)? };
        Ok((pair, allocations))
    }

    fn alone(&mut self, what: &'static str, amount: &Amount) -> Result<Median> {
        let span = Duration::from_millis(amount.milliseconds);
        let times = times(span, || Ok(each(self.time(what, 1)?, 1)))?;
        let spans: Vec<_> =
            (0..amount.rounds).map(|_| Ok(each(self.time(what, times)?, times))).collect::<Result<_>>()?;
        Median::of(&spans).context("no rounds")
    }

    fn time(&mut self, what: &'static str, times: u64) -> Result<Timed> {
        let request = Request {
            environment: "standard",
            variables: [("object".to_owned(), "dyn".into())].into_iter().collect(),
            expr: self.expression.source.clone(),
            json: Some(self.expression.input.clone()),
            bench: Some(Bench { what, times }),
            ..Request::default()
        };
        let response = self.oracle.ask(&request)?;
        response.timed.with_context(|| {
            format!("cel-go does not {what} it: {:?} {:?}", response.compile_error, response.error)
        })
    }
}

/// How often to do what takes so long, to fill the span. The first time is left out: caches are cold.
fn times(span: Duration, mut nanoseconds: impl FnMut() -> Result<f64>) -> Result<u64> {
    nanoseconds()?;
    let once = nanoseconds()?.max(1.0);
    Ok(((span.as_nanos() as f64 / once) as u64).max(1))
}

/// Nanoseconds of one of so many.
fn one(times: u64, work: &impl Fn()) -> f64 {
    let begin = Instant::now();
    for _ in 0..times {
        work();
    }
    begin.elapsed().as_nanos() as f64 / times as f64
}

fn each(timed: Timed, times: u64) -> f64 {
    timed.nanoseconds as f64 / times as f64
}
