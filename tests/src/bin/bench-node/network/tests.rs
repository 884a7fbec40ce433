use super::*;

#[test]
fn each_figure_has_its_row() {
    let mut table = Table::new(true).unwrap();
    of_cluster(Plan::of(2_000), &mut table).unwrap();
    let text = table.to_string();
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| network, ")).collect();
    let beginnings = [
        "2000 Pods, 400 NetworkPolicies, 20 nodes: read and indexed",
        "egress tables of 100 Pods: compiled",
        "egress tables of 100 Pods: allocated",
        "egress tables of 100 Pods: entries",
        "a Pod anywhere gets another address and app",
        "a policy of this node's Pods gets another port",
    ];
    assert_eq!(rows.len(), beginnings.len(), "{text}");
    for (row, beginning) in rows.iter().zip(beginnings) {
        assert!(row.starts_with(&format!("| network, {beginning} | ")), "{row}");
    }
}

#[test]
fn the_cluster_is_as_large_as_planned_and_the_same_each_time() {
    let plan = Plan::of(1_000);
    let of_kind = |kind: &str| plan.documents().filter(|document| document["kind"] == kind).count();
    assert_eq!((of_kind("Pod"), of_kind("NetworkPolicy"), of_kind("Node")), (1_000, 200, 10));
    assert!(plan.documents().eq(plan.documents()));
    assert_eq!(plan.of_first_node().len(), 100);
}

#[test]
fn the_rest_of_a_changed_cluster_stays() {
    let plan = Plan::of(1_000);
    let (mut network, _) = cluster(plan).unwrap();
    let pods = network.cluster().pods().count();
    let pod = plan.of_first_node().remove(0);
    network.watch(&pod);
    changed(&mut network, &(0..50).map(|round| plan.pod_again(round)).collect::<Vec<_>>()).unwrap();
    assert_eq!((network.cluster().pods().count(), pods), (1_000, 1_000));
}
