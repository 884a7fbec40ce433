use super::Metrics;

const TEXT: &str = "# TYPE a counter\na_total{class=\"exec\",outcome=\"runs\"} 12\n\
                    a_total{class=\"exec\",outcome=\"lost\"} 3\na_total{class=\"fork\",outcome=\"runs\"} 5\nb 1.5\n# EOF\n";

#[test]
fn series_are_summed_over_the_labels_that_are_not_named() {
    let metrics = Metrics::parse(TEXT).unwrap();
    assert_eq!(metrics.sum("a_total", &[("class", "exec"), ("outcome", "lost")]).unwrap(), 3);
    assert_eq!(metrics.sum("a_total", &[("outcome", "runs")]).unwrap(), 17);
    assert_eq!(metrics.sum("b", &[]).unwrap(), 1);
}

#[test]
fn metric_that_is_not_there_is_an_error_and_not_zero() {
    assert!(Metrics::parse(TEXT).unwrap().sum("c_total", &[]).is_err());
}

#[test]
fn line_that_is_no_sample_is_refused() {
    assert!(Metrics::parse("a_total{class=\"exec\" 12\n").is_err());
    assert!(Metrics::parse("a_total twelve\n").is_err());
}

#[test]
fn buckets_of_a_histogram_rise() {
    let text =
        "t_sum 3\nt_count 4\nt_bucket{le=\"+Inf\"} 4\nt_bucket{le=\"0.001\"} 3\nt_bucket{le=\"0.0005\"} 1\n";
    let metrics = Metrics::parse(text).unwrap();
    assert_eq!(metrics.buckets("t").unwrap(), [(0.0005, 1.0), (0.001, 3.0), (f64::INFINITY, 4.0)]);
    assert!(metrics.buckets("u").is_err());
    assert!(Metrics::parse("t_bucket 4\n").unwrap().buckets("t").is_err());
}
