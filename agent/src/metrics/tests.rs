use prometheus_client::encoding::text::encode;

use super::*;

fn text(metrics: &Metrics) -> String {
    let mut registry = Registry::default();
    metrics.register(&mut registry);
    let mut text = String::new();
    encode(&mut text, &registry).expect("writing to a String does not fail");
    text
}

#[test]
fn every_class_outcome_and_reason_is_there_from_the_start() {
    let text = text(&Metrics::default());
    for class in Class::ALL {
        for outcome in Outcome::ALL {
            let line = format!(
                "plumbline_agent_events_total{{class=\"{}\",outcome=\"{}\"}} 0",
                class.name(),
                outcome.name()
            );
            assert!(text.contains(&line), "{line} is not in\n{text}");
        }
        for reason in Dropped::ALL {
            let line = format!("class=\"{}\",reason=\"{}\"}} 0", class.name(), reason.name());
            assert!(text.contains(&line), "{line} is not in\n{text}");
        }
    }
}

#[test]
fn every_denial_is_there_from_the_start() {
    let text = text(&Metrics::default());
    for denial in Denial::ALL {
        let line = format!("plumbline_agent_denials_total{{outcome=\"{}\"}} 0", denial.name());
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
}

#[test]
fn counts_of_events_are_kept_apart_by_class_and_reason() {
    let (metrics, mut tally) = (Metrics::default(), Tally::default());
    tally.read(Class::Exec);
    tally.delivered(Class::Exec);
    tally.dropped(Class::Fork, Dropped::Malformed);
    metrics.tally(&tally);
    let text = text(&metrics);
    assert!(text.contains("plumbline_agent_ring_read_total{class=\"exec\"} 1"), "{text}");
    assert!(text.contains("plumbline_agent_events_delivered_total{class=\"exec\"} 1"), "{text}");
    assert!(
        text.contains("plumbline_agent_events_dropped_total{class=\"fork\",reason=\"malformed\"} 1"),
        "{text}"
    );
}

/// The page says what each means; a metric that it does not name is one that nobody can use.
#[test]
fn operations_page_names_every_metric() {
    let page = include_str!("../../../docs/operations.md");
    let text = text(&Metrics::default());
    let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let missing: Vec<_> = names
        .map(|name| name.strip_prefix("plumbline_agent_").unwrap_or(name))
        .filter(|name| !page.contains(*name))
        .collect();
    assert!(missing.is_empty(), "docs/operations.md does not name {missing:?}");
}
