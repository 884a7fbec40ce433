//! Containers that do what none should, or were started with more than their Pods say.

use serde_json::json;

use super::act::{Act, Denied, ORDINARY, Outside, Sign};
use super::bundle;
use super::policies::{NO_CONNECTIONS, NO_PROGRAMS};

const NOT_FROM_IMAGE: &str = "executable-not-from-image";
const FILELESS: &str = "fileless-execution";
const UNDECLARED_USE: &str = "undeclared-capability-use";
const UNDECLARED_CONNECTION: &str = "undeclared-egress";
const UNDECLARED_PEER: &str = "undeclared-ingress";
const DRIFT: &str = "Drift";

// What drifts: the field, what is declared, what is so, and the step that broke.
const ADDS_NET_RAW: &str =
    r#"/spec/containers/0/securityContext/capabilities/add: null -> ["NET_RAW"] (PodToOci)"#;
const UNFILTERED: &str = concat!(
    "/spec/containers/0/securityContext/seccompProfile: ",
    r#"{"type":"RuntimeDefault"} -> {"type":"Unconfined"} (PodToOci)"#
);
const WRITABLE: &str =
    "/spec/containers/0/securityContext/readOnlyRootFilesystem: true -> false (OciToKernel)";
const ETC: &str =
    r#"/spec/volumes/-: null -> {"hostPath":{"path":"/etc"},"name":"observed-main-00c838ab"} (PodToOci)"#;
const ETC_AT_HOST: &str = "/spec/volumes/-: null -> {\"hostPath\":{\"path\":\"/etc\"},\"name\":\"observed-main-00c838ab\"} (PodToOci), \
    /spec/containers/0/volumeMounts/-: null -> {\"mountPath\":\"/host\",\"name\":\"observed-main-00c838ab\"} (PodToOci)";

pub(crate) const ACTS: &[Act] = &[
    // Beside those that are told of, one of which nothing is.
    Act {
        pod: "ordinary",
        container: "web",
        before_the_agent: true,
        does: "for n in 1 2 3 4 5; do /bin/ls /; /bin/cat /proc/self/comm; done
               /bin/chmod 700 /bin/changed; /bin/changed hello
               /bin/cp /bin/sample /data/program; /data/program hello",
        meanwhile: &[Outside::Exec(&["/bin/sh", "-c", "/bin/id; /bin/ls /"]), Outside::Exec(&["/bin/true"])],
        ..ORDINARY
    },
    DROPPER,
    Act {
        pod: "overwriter",
        does: "/bin/sample overwrite /bin/victim",
        expects: &[Sign { policy: NOT_FROM_IMAGE, what: "/bin/victim" }],
        ..ORDINARY
    },
    // What kubectl exec brings is a drift of its own kind: the container itself is as it was declared.
    Act {
        pod: "entered",
        meanwhile: &[Outside::Exec(&["/bin/sample", "drop", "/tmp/brought"])],
        expects: &[
            Sign { policy: DRIFT, what: "/tmp/brought" },
            Sign { policy: NOT_FROM_IMAGE, what: "/tmp/brought" },
        ],
        ..ORDINARY
    },
    Act {
        pod: "fileless",
        does: "/bin/sample memfd",
        expects: &[Sign { policy: FILELESS, what: "/memfd:*" }],
        ..ORDINARY
    },
    // 137: its shell sees that SIGKILL ended the program, which wrote nothing.
    Act {
        pod: "denied",
        denied: Some(Denied::Programs),
        does: "/bin/cp /bin/sample /data/program
               /data/program hello > /data/said && exit 1
               [ $? = 137 ]; [ ! -s /data/said ]",
        expects: &[Sign { policy: NO_PROGRAMS, what: "/data/program (Block)" }],
        ..ORDINARY
    },
    // It may use what its Pod drops, and does.
    Act {
        pod: "capable",
        declares: || json!({"capabilities": {"drop": ["ALL"]}}),
        told: |config| config["process"]["capabilities"] = bundle::sets(&["NET_RAW"]),
        does: "/bin/sample capability NET_RAW",
        expects: &[
            Sign { policy: DRIFT, what: ADDS_NET_RAW },
            Sign { policy: "capabilities", what: ADDS_NET_RAW },
            Sign { policy: UNDECLARED_USE, what: "NET_RAW" },
            Sign { policy: "undeclared-raw-socket", what: "/bin/sample made a raw socket, UDP" },
        ],
        ..ORDINARY
    },
    Act {
        pod: "unfiltered",
        declares: || json!({"seccompProfile": {"type": "RuntimeDefault"}}),
        told: |config| config["linux"]["seccomp"] = json!(null),
        expects: &[
            Sign { policy: DRIFT, what: UNFILTERED },
            Sign { policy: "declared-seccomp-missing", what: UNFILTERED },
        ],
        ..ORDINARY
    },
    Act {
        pod: "host-path",
        told: |config| {
            if let Some(mounts) = config["mounts"].as_array_mut() {
                mounts.push(bundle::bind("/etc", "/host", "ro"));
            }
        },
        does: "/bin/ls /host",
        expects: &[Sign { policy: DRIFT, what: ETC_AT_HOST }, Sign { policy: "host-path", what: ETC }],
        ..ORDINARY
    },
    // Its Pod says itself that it may change mounts, which is told of, too.
    Act {
        pod: "remounter",
        declares: || json!({"readOnlyRootFilesystem": true, "capabilities": {"add": ["SYS_ADMIN"]}}),
        // It is as declared when it is looked at for the first time.
        first: "/bin/sleep 1.5",
        does: "/bin/mount -o remount,bind,rw none /",
        expects: &[
            Sign { policy: DRIFT, what: WRITABLE },
            Sign { policy: "root-made-writable", what: WRITABLE },
        ],
        ..ORDINARY
    },
    // No policy says whom it may connect to, and the one about `db` does not name it.
    Act {
        pod: "visitor",
        addresses: &["10.244.1.2"],
        ports: &[8080],
        does: "/bin/sample serve 0.0.0.0:8080 & /bin/sample reach 10.244.1.3:5432 &",
        ..ORDINARY
    },
    Act {
        pod: "db",
        addresses: &["10.244.1.3"],
        ports: &[5432],
        does: "/bin/sample serve 0.0.0.0:5432 &",
        expects: &[Sign {
            policy: UNDECLARED_PEER,
            what: "a connection from 10.244.1.2 (plumbline-sample/visitor) came to TCP 10.244.1.3:5432",
        }],
        ..ORDINARY
    },
    // It may connect to `db`, and does.
    Act {
        pod: "web",
        addresses: &["10.244.1.4"],
        does: "/bin/sample reach 10.244.1.3:5432; /bin/sample reach 10.244.1.2:8080",
        expects: &[Sign {
            policy: UNDECLARED_CONNECTION,
            what: "/bin/sample asked to connect to TCP 10.244.1.2:8080 (plumbline-sample/visitor)",
        }],
        ..ORDINARY
    },
    // The call fails: `db` sees nothing of it.
    Act {
        pod: "cut-off",
        addresses: &["10.244.1.5"],
        denied: Some(Denied::Connections),
        // What is denied to a container is in force a moment after it began.
        first: "/bin/sleep 0.5",
        does: "/bin/sample fails EPERM 10.244.1.3:5432",
        expects: &[
            Sign {
                policy: UNDECLARED_CONNECTION,
                what: "/bin/sample asked to connect to TCP 10.244.1.3:5432 (plumbline-sample/db)",
            },
            Sign {
                policy: NO_CONNECTIONS,
                what: "/bin/sample asked to connect to TCP 10.244.1.3:5432 (plumbline-sample/db) (Block)",
            },
        ],
        ..ORDINARY
    },
];

/// What nobody can take for ordinary.
pub(crate) const DROPPER: Act = Act {
    pod: "dropper",
    does: "/bin/sample drop /tmp/dropped",
    expects: &[Sign { policy: NOT_FROM_IMAGE, what: "/tmp/dropped" }],
    ..ORDINARY
};
