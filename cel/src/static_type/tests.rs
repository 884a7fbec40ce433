use super::escape::escape;
use super::{ObjectType, SchemaError, StaticType};
use crate::environment::Environment;
use crate::outcome::Outcome;
use crate::program::Program;
use crate::{Budget, Value};
use serde_json::json;

fn read(schema: &serde_json::Value) -> StaticType {
    StaticType::from_schema(schema).unwrap()
}

/// The fields and their types, as they are written.
fn fields(of: &StaticType) -> Vec<String> {
    let StaticType::Object(object) = of else { panic!("{of} is no object") };
    object.fields().map(|(name, of)| format!("{name}: {of}")).collect()
}

#[test]
fn a_type_is_written_as_cel_go_writes_it() {
    for (of, written) in [
        (StaticType::list(StaticType::map(StaticType::String, StaticType::Dyn)), "list(map(string, dyn))"),
        (StaticType::optional(StaticType::Int), "optional_type(int)"),
        (StaticType::Nullable(StaticType::Int.into()), "wrapper(int)"),
        (StaticType::Type(StaticType::Int.into()), "type(int)"),
        (StaticType::Abstract("pair".into(), [StaticType::Int, StaticType::Bool].into()), "pair(int, bool)"),
        (StaticType::Abstract("one".into(), [].into()), "one"),
        (StaticType::Object(ObjectType::new("object.spec", [("a", StaticType::Int)]).into()), "object.spec"),
    ] {
        assert_eq!(of.to_string(), written);
    }
}

#[test]
fn a_name_is_written_as_the_api_server_has_it() {
    for (name, written) in [
        ("image", Some("image")),
        ("_a", Some("_a")),
        ("host-port", Some("host__dash__port")),
        ("a.b/c", Some("a__dot__b__slash__c")),
        ("a__b", Some("a__underscores__b")),
        ("a___b", Some("a__underscores___b")),
        ("namespace", Some("__namespace__")),
        ("in", Some("__in__")),
        ("in-", Some("in__dash__")),
        ("", None),
        ("1a", None),
        ("-1", Some("__dash__1")),
        ("a b", None),
        ("größe", None),
        ("$ref", None),
    ] {
        assert_eq!(escape(name).as_deref(), written, "{name}");
    }
}

#[test]
fn a_schema_says_what_the_fields_are() {
    let of = read(&json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "replicas": {"type": "integer", "format": "int32", "nullable": true},
            "weight": {"type": "number"},
            "paused": {"type": "boolean"},
            "since": {"type": "string", "format": "date-time"},
            "day": {"type": "string", "format": "date"},
            "timeout": {"type": "string", "format": "duration"},
            "secret": {"type": "string", "format": "byte"},
            "port": {"x-kubernetes-int-or-string": true},
            "target": {"type": "string", "format": "int-or-string"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            "open": {"type": "object", "additionalProperties": true},
            "args": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
            "untyped": {},
            "untyped-list": {"type": "array"},
            "a b": {"type": "string"},
        },
    }));
    assert_eq!(
        fields(&of),
        [
            "any: object.any",
            "args: list(list(string))",
            "day: google.protobuf.Timestamp",
            "labels: map(string, string)",
            "name: string",
            "open: object.open",
            "paused: bool",
            "port: dyn",
            "replicas: int",
            "secret: bytes",
            "since: google.protobuf.Timestamp",
            "target: dyn",
            "timeout: google.protobuf.Duration",
            "weight: double",
        ]
    );
    assert_eq!(read(&json!({})), StaticType::Dyn);
}

#[test]
fn an_embedded_resource_has_the_fields_of_all_resources() {
    let of = read(&json!({
        "type": "object",
        "x-kubernetes-embedded-resource": true,
        "x-kubernetes-preserve-unknown-fields": true,
        "properties": {"spec": {"type": "string"}, "kind": {"type": "integer"}},
    }));
    assert_eq!(
        fields(&of),
        ["apiVersion: string", "kind: string", "metadata: object.metadata", "spec: string"]
    );
    let StaticType::Object(object) = &of else { panic!("{of}") };
    let (_, metadata) = object.fields().find(|(name, _)| *name == "metadata").unwrap();
    assert_eq!(fields(metadata), ["generateName: string", "name: string"]);
}

#[test]
fn a_resource_that_says_more_of_its_metadata_is_believed() {
    let text = json!({"type": "string"});
    let of = read(&json!({
        "type": "object",
        "x-kubernetes-embedded-resource": true,
        "properties": {
            "kind": text, "apiVersion": text,
            "metadata": {"type": "object", "properties": {"name": text, "generateName": text, "uid": text}},
        },
    }));
    let StaticType::Object(object) = &of else { panic!("{of}") };
    let (_, metadata) = object.fields().find(|(name, _)| *name == "metadata").unwrap();
    assert_eq!(fields(metadata), ["generateName: string", "name: string", "uid: string"]);
}

#[test]
fn what_is_no_schema_is_named() {
    let error = |schema| StaticType::from_schema(&schema).unwrap_err().to_string();
    assert_eq!(error(json!([])), "object: expected an object, found a list");
    assert_eq!(
        error(json!({"type": "object", "properties": {"a": {"type": "array", "items": 1}}})),
        "object.a.@idx: expected an object, found a number"
    );
}

#[test]
fn a_schema_that_is_too_deep_or_too_large_is_refused() {
    let list = |items: serde_json::Value| json!({"type": "array", "items": items});
    let deep = (0..200).fold(json!({"type": "string"}), |items, _| list(items));
    assert_eq!(StaticType::from_schema(&deep), Err(SchemaError::TooDeep(100)));
    let many: serde_json::Map<_, _> =
        (0..60_000).map(|field| (format!("f{field}"), json!({"type": "string"}))).collect();
    let large = json!({"type": "object", "properties": many});
    assert_eq!(StaticType::from_schema(&large), Err(SchemaError::TooLarge(50_000)));
}

fn pod() -> Environment {
    let container = json!({
        "type": "object",
        "properties": {"image": {"type": "string"}, "host-port": {"type": "integer"}},
    });
    let schema = json!({
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {
                "containers": {"type": "array", "items": container},
                "node.name": {"type": "string"},
                "namespace": {"type": "string"},
            }},
        },
    });
    Environment::standard().with_variable("object", read(&schema)).with_variable("old", read(&schema))
}

#[test]
fn a_field_that_an_object_does_not_have_is_an_error_with_the_one_that_was_perhaps_meant() {
    let errors = |source| Program::compile(&pod(), source).expect_err(source).to_string();
    assert_eq!(
        errors("object.spec.containers.all(c, c.imag != '')"),
        "1:33: undefined field \"imag\", did you mean \"image\"?"
    );
    assert_eq!(
        errors("has(object.spec.container)"),
        "1:12: undefined field \"container\", did you mean \"containers\"?"
    );
    assert_eq!(errors("[object.spec.?zzz]"), "1:15: undefined field \"zzz\"");
    assert!(errors("object.spec.containers[0].image + 1").contains("applied to (string, int)"));
    assert!(errors("object['spec']").contains("applied to (object, string)"));
    assert!(errors("object == object.spec").contains("applied to (object, object.spec)"));
    assert!(Program::compile(&pod(), "object == old && object.spec == old.spec && object != null").is_ok());
}

#[test]
fn a_field_that_is_written_escaped_is_read_by_its_name() {
    let input = json!({"object": {"spec": {"node.name": "n", "namespace": "s", "containers": [{"host-port": 80}]}}, "old": {}});
    for source in [
        "object.spec.node__dot__name == 'n'",
        "has(object.spec.node__dot__name)",
        "object.spec.?node__dot__name == object.?spec.node__dot__name",
        "object.spec.containers.all(c, c.host__dash__port == 80)",
        "object.spec.containers[0].host__dash__port == 80",
        "object.spec.namespace == 's' && object.spec.__namespace__ == 's'",
    ] {
        let program = Program::compile(&pod(), source).unwrap_or_else(|errors| panic!("{source}: {errors}"));
        let outcome = program.evaluate(&input, &mut Budget::default());
        assert!(matches!(outcome, Outcome::Value(Value::Bool(true))), "{source}: {outcome:?}");
    }
    let program = Program::compile(&pod(), "object.spec.node__dot__name == ''").unwrap();
    assert_eq!(program.reads()[0].path, ["object", "spec", "node.name"]);
}
