use policy::event::*;
use policy::*;
use std::time::Instant;
fn main() {
    let src = |n: &str| Source {
        file: n.into(),
        text: std::fs::read_to_string(format!("policies/runtime-drift/{n}/policy.yaml")).unwrap(),
    };
    let (set, e) = PolicySet::compile(&[src("executable-not-from-image"), src("fileless-execution")]);
    assert!(e.is_empty());
    let mut event = Event {
        task: Known::Known(Task::Container),
        executable: Executable {
            path: Known::Known(Text::from("/bin/x")),
            origin: Origin::Image,
            script: None,
        },
        ancestry: Default::default(),
        uid: Known::Known(0),
        gid: Known::Known(0),
        detail: Detail::Exec { args: Args(vec![]) },
    };
    let c = Container {
        name: Known::Unknown,
        kind: Known::Unknown,
        id: "x".into(),
        runtime: Known::Unknown,
        image: Default::default(),
        capabilities: Default::default(),
    };
    let n = Node { name: "n".into(), labels: Known::Unknown, kernel: "k".into() };
    for o in [Origin::Image, Origin::Upper, Origin::Unknown] {
        event.executable.origin = o.clone();
        let i = Input::Event(EventInput { event: &event, container: &c, pod: Known::Unknown, node: &n });
        let s = Instant::now();
        let mut k = 0;
        for _ in 0..100000 {
            k += evaluate(&set, &i, Which::All).len();
        }
        println!("{o:?} {k} {:?} per evaluate", s.elapsed() / 100000);
    }
}
