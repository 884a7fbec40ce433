use super::*;
use crate::event::*;
use crate::known::Known;
use crate::text::Text;

fn verdict(path: &str, kinds: &[EventKind]) -> String {
    let path: Vec<String> = path.split('.').map(str::to_owned).collect();
    check(&path, kinds).map_or_else(|error| error.to_string(), |()| "can be read".to_owned())
}

#[test]
fn only_what_is_there_can_be_read() {
    let table = [
        ("event.executable.origin", "can be read"),
        ("event.executable.script.path", "can be read"),
        ("event.args", "can be read"),
        ("event.ancestry", "can be read"),
        ("container.image.digest", "can be read"),
        ("node.labels.zone", "can be read"),
        ("pod.spec.anything", "can be read"),
        ("event.exectuable.path", "`event` has no field `exectuable`, did you mean `executable`?"),
        ("event.executable.inode", "`event.executable` has no field `inode`"),
        ("event.pid", "`event` has no field `pid`, did you mean `uid`?"),
        ("event.uid.name", "`event.uid` has no fields"),
        ("container.image.digests", "`container.image` has no field `digests`, did you mean `digest`?"),
        (
            "event.capability",
            "`event.capability` belongs to CapabilityUse events, and the policy matches Exec",
        ),
        ("event.change.field", "`event.change` belongs to FactsChange events, and the policy matches Exec"),
    ];
    for (path, expected) in table {
        assert_eq!(verdict(path, &[EventKind::Exec]), expected, "{path}");
    }
}

#[test]
fn a_policy_of_two_kinds_reads_what_both_have() {
    let kinds = [EventKind::Connect, EventKind::Accept];
    assert_eq!(verdict("event.socket.peer.ip", &kinds), "can be read");
    let kinds = [EventKind::Connect, EventKind::Exec];
    assert!(verdict("event.socket", &kinds).ends_with("and the policy matches Exec"));
    assert!(verdict("event.args", &kinds).ends_with("and the policy matches Connect"));
    let kinds = [EventKind::Connect, EventKind::Listen];
    assert!(verdict("event.socket.peer.ip", &kinds).ends_with("and the policy matches Listen"));
}

/// What the types say, the schema says, and the other way round.
#[test]
fn the_schema_is_that_of_the_types() {
    let file = |script| Executable {
        path: Known::Known(Text::from("/x")),
        origin: Origin::Volume(Known::Known(VolumeKind::TMPFS)),
        script,
    };
    let Executable { path, origin, script: _ } = file(None);
    let event = Event {
        task: Known::Known(Task::Container),
        executable: file(Some(Script { path, origin })),
        ancestry: Ancestry::default(),
        uid: Known::Known(0),
        gid: Known::Known(0),
        detail: Detail::Exec { args: Args::default() },
    };
    let used = Detail::CapabilityUse { capability: Known::Unknown, user_namespace: Known::Unknown };
    let capability_use = Event { detail: used, ..event.clone() };
    let change = FieldChange {
        field: Known::Unknown,
        from: Known::Known(Some(true.into())),
        to: Known::Known(false.into()),
    };
    let facts_change = Event { detail: Detail::FactsChange(change), ..event.clone() };
    let sockets = SocketCall::ALL.map(|call| {
        let socket = Socket {
            call,
            protocol: Known::Known(Protocol::TCP),
            family: Known::Unknown,
            local: Local::default(),
            peer: Peer::default(),
            permitted: Known::Unknown,
            policies: Vec::new(),
        };
        Event { detail: Detail::Socket(socket), ..event.clone() }
    });
    let container = Container {
        name: Known::Unknown,
        kind: Known::Unknown,
        id: String::new(),
        runtime: Known::Unknown,
        image: Image::default(),
        capabilities: Capabilities::default(),
    };
    let node = Node { name: String::new(), labels: Known::Unknown, kernel: String::new() };
    for event in [event, capability_use, facts_change].into_iter().chain(sockets) {
        let kind = event.kind();
        same_fields(&serde_json::to_value(event).expect("JSON"), EVENT, "event", kind);
    }
    same_fields(&serde_json::to_value(container).expect("JSON"), CONTAINER, "container", EventKind::Exec);
    same_fields(&serde_json::to_value(node).expect("JSON"), NODE, "node", EventKind::Exec);
}

#[test]
fn the_schema_of_a_request_is_what_can_be_read_of_one() {
    let pod = serde_json::json!({"apiVersion": "v1", "kind": "Pod"});
    let input = crate::ResourceInput::observed(&pod, Known::Unknown);
    let input = crate::Input::Resource(&input);
    let cel::Lookup::Found(cel::Value::Map(request)) = input.variable(2) else { panic!("a request") };
    let fields_of = |map: &cel::Map<'_>| {
        let mut names = Vec::new();
        map.keys(&mut |key| {
            names.extend(key.as_str().map(str::to_owned));
            std::ops::ControlFlow::Continue(())
        });
        names
    };
    let names = |fields: &[Field]| -> Vec<_> { fields.iter().map(|field| field.name.to_owned()).collect() };
    assert_eq!(fields_of(&request), names(REQUEST));
    for field in REQUEST {
        if let Shape::Fields(inner) = &field.shape {
            let cel::Lookup::Found(cel::Value::Map(part)) = request.field(field.name) else {
                panic!("a part")
            };
            assert_eq!(fields_of(&part), names(inner), "{}", field.name);
        }
    }
}

fn same_fields(value: &serde_json::Value, fields: &[Field], of: &str, kind: EventKind) {
    let of_kind = |field: &&Field| field.kinds.is_empty() || field.kinds.contains(&kind);
    let mut known: Vec<_> = fields.iter().filter(of_kind).map(|field| field.name).collect();
    known.sort_unstable();
    let object = value.as_object().unwrap_or_else(|| panic!("{of} is an object"));
    let mut found: Vec<_> = object.keys().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, known, "{of}");
    for field in fields {
        if let (Shape::Fields(inner), Some(value)) = (&field.shape, object.get(field.name)) {
            same_fields(value, inner, field.name, kind);
        }
    }
}
