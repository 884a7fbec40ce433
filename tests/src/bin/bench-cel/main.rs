//! `cargo xtask bench cel`: the expression language beside cel-go, in one run, held against the budgets.
//!
//! The oracle times what it does itself, so that no pipe is in its figures. Rounds of both alternate.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use tests::oracle::Oracle;
use tests::pod_security::CHECKS;

mod expressions;
mod measure;
mod table;

use expressions::Expression;
use measure::{Amount, Measured};

#[derive(Debug, Parser)]
#[command(about = "Measures the expression language beside cel-go and prints a table")]
struct Options {
    /// A few rounds: to see that the bench runs, not for figures
    #[arg(long)]
    quick: bool,
    /// Writes the table to this file, too
    #[arg(long)]
    write: Option<PathBuf>,
    /// Only expressions whose name has this in it
    #[arg(long, default_value = "")]
    only: String,
}

const FULL: Amount = Amount { rounds: 30, milliseconds: 5 };
const QUICK: Amount = Amount { rounds: 3, milliseconds: 1 };

fn main() -> Result<()> {
    let options = Options::parse();
    let amount = if options.quick { QUICK } else { FULL };
    let mut oracle = Oracle::start()?;
    let pod = expressions::pod()?;
    let checks = CHECKS.iter().map(|check| Expression::of(check.name, check.expression, &pod));
    let mut groups = [("Pod Security Standards", checks.collect()), ("heavy", expressions::heavy())];
    let mut measured = Vec::new();
    for (name, expressions) in &mut groups {
        expressions.retain(|expression: &Expression| expression.name.contains(&options.only));
        measured.push((*name, measure_all(&mut oracle, expressions, &amount)?));
    }
    let text = table::text(&measured, options.quick)?;
    print!("{text}");
    if let Some(file) = &options.write {
        fs::write(file, text).with_context(|| format!("write {}", file.display()))?;
    }
    Ok(())
}

fn measure_all(oracle: &mut Oracle, expressions: &[Expression], amount: &Amount) -> Result<Vec<Measured>> {
    let measure = |expression: &Expression| {
        eprintln!("bench: {}", expression.name);
        measure::measure(oracle, expression, amount).with_context(|| format!("measure {}", expression.name))
    };
    expressions.iter().map(measure).collect()
}
