use super::Account;

const BALANCED: Account = Account {
    runs: 100,
    filtered: 40,
    deduplicated: 10,
    over_budget: 5,
    submitted: 30,
    lost: 15,
    read: 30,
    delivered: 28,
    dropped: 2,
};

#[test]
fn balanced_account_holds() {
    assert_eq!(BALANCED.check(), Ok(()));
    assert_eq!(BALANCED.of_interest(), 60);
}

/// The check that the tests on this kernel rest on must itself be able to fail, for each term.
#[test]
fn one_event_too_many_in_any_term_is_an_imbalance() {
    let wrong: [fn(&mut Account); 9] = [
        |account| account.runs += 1,
        |account| account.filtered += 1,
        |account| account.deduplicated += 1,
        |account| account.over_budget += 1,
        |account| account.submitted += 1,
        |account| account.lost += 1,
        |account| account.read += 1,
        |account| account.delivered += 1,
        |account| account.dropped += 1,
    ];
    for (term, change) in wrong.iter().enumerate() {
        let mut account = BALANCED;
        change(&mut account);
        assert!(account.check().is_err(), "term {term} may be wrong unseen");
    }
}

#[test]
fn imbalance_says_which_equation_and_both_sides() {
    let account = Account { read: 29, delivered: 27, ..BALANCED };
    assert_eq!(account.check().unwrap_err().to_string(), "submitted = read: 30 is not 29");
}
