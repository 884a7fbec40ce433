use super::{Median, rank};

/// The published table of the sign test's interval, whose row for n = 5 is empty.
#[test]
fn interval_has_the_ranks_of_the_sign_test() {
    for (count, expected) in [(5, 0), (6, 1), (10, 2), (20, 6), (30, 10), (50, 18)] {
        assert_eq!(rank(count), expected, "n = {count}");
    }
}

#[test]
fn interval_of_six_values_reaches_from_the_first_to_the_last() {
    let median = Median::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
    assert_eq!((median.low, median.high), (1.0, 6.0));
}

#[test]
fn interval_of_ten_values_leaves_out_one_at_either_end() {
    let values: Vec<f64> = (1..=10).map(f64::from).collect();
    let median = Median::of(&values).unwrap();
    assert_eq!((median.low, median.high), (2.0, 9.0));
}

#[test]
fn median_of_an_even_number_lies_between() {
    let median = Median::of(&[4.0, 1.0, 3.0, 2.0]).unwrap();
    assert_eq!((median.value, median.low, median.high), (2.5, 1.0, 4.0));
}

#[test]
fn nothing_has_no_median() {
    assert_eq!(Median::of(&[]), None);
}
