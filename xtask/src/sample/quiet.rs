//! Fifteen kinds of ordinary behaviour, of which nothing must be told.

use serde_json::{Value, json};

use super::act::{Act, ORDINARY, Outside};

pub(crate) const ACTS: &[Act] = &[
    Act {
        pod: "shells",
        declares: restricted,
        before_the_agent: true,
        does: "for n in 1 2 3 4 5; do /bin/ls / | /bin/cat; (/bin/id; /bin/true); done
               /bin/sh -c '/bin/sh -c /bin/id'
               echo \"for name in one two; do /bin/cat /proc/self/comm; done\" > /data/lines
               . /data/lines; /bin/sh /data/lines
               /bin/sleep 0.1 & wait",
        ..ORDINARY
    },
    Act {
        pod: "exec-probes",
        declares: restricted,
        does: "echo well > /data/health",
        meanwhile: &[
            Outside::Exec(&["/bin/true"]),
            Outside::Exec(&["/bin/cat", "/proc/1/comm"]),
            Outside::Exec(&["/bin/sh", "-c", "test -d /data"]),
            Outside::Exec(&["/bin/true"]),
            Outside::Exec(&["/bin/cat", "/proc/1/comm"]),
            Outside::Exec(&["/bin/sh", "-c", "test -d /data"]),
        ],
        ..ORDINARY
    },
    // A person looks around.
    Act {
        pod: "runc-exec",
        does: "/bin/sleep 0.2",
        meanwhile: &[
            Outside::Exec(&["/bin/sh", "-c", "/bin/id; /bin/ps; /bin/cat /proc/1/cmdline; /bin/ls -l /proc/1/root/"]),
            Outside::Exec(&["/bin/sh", "-c", "/bin/tar cf - /bin/sample /proc/1/comm | /bin/wc -c; /bin/su app -c /bin/id"]),
            Outside::Exec(&["/bin/sh", "-c", "cd /tmp; echo note > note; /bin/chmod 600 note; /bin/rm note"]),
        ],
        ..ORDINARY
    },
    Act {
        pod: "program-in-a-volume",
        declares: restricted,
        does: "/bin/cp /bin/sample /data/program; /data/program hello
               echo '/bin/id' > /data/script; /bin/chmod 755 /data/script; /data/script",
        ..ORDINARY
    },
    Act {
        pod: "names",
        declares: || json!({"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}),
        first: "/bin/sample resolver & /bin/sleep 0.2",
        does: "/bin/nslookup plumbline.test 127.0.0.1; /bin/nslookup web.plumbline.test 127.0.0.1",
        ..ORDINARY
    },
    Act {
        pod: "setuid",
        user: 1000,
        does: "/bin/id; /bin/setuid hello; /bin/setuid capability SETGID",
        ..ORDINARY
    },
    // The last one has ids of its own, as those of rootless engines have.
    Act {
        pod: "user-namespace",
        does: "/bin/unshare -U -r -u /bin/sh -c '/bin/hostname other; /bin/id; /bin/su app -c /bin/id || true'
               /bin/unshare -U -r -m /bin/sh -c '/bin/mount -t tmpfs none /tmp; /bin/ls /tmp; /bin/sleep 1.2'
               /bin/unshare -U /bin/sleep 2 & /bin/sleep 0.2
               echo 0 100000 65536 > /proc/$!/uid_map; echo 0 100000 65536 > /proc/$!/gid_map
               /bin/nsenter -U -S 0 -G 0 -t $! /bin/sh -c '/bin/id; /bin/sleep 1.2'",
        ..ORDINARY
    },
    // Root there, and nobody here.
    Act {
        pod: "user-namespace-of-a-user",
        declares: restricted,
        does: "/bin/unshare -U -r -u /bin/sh -c '/bin/hostname other; /bin/id; /bin/sleep 1.2'",
        ..ORDINARY
    },
    Act {
        pod: "package",
        does: "/bin/tar cf /data/package.tar -C / bin/sample bin/busybox bin/setuid
               /bin/mkdir -p /opt/package /var/cache; /bin/tar xf /data/package.tar -C /opt/package
               /bin/tar xf /data/package.tar -C /var/cache bin/sample; /bin/mv /var/cache/bin/sample /bin/unpacked
               /bin/chown 33:33 /bin/unpacked; /bin/chmod 4755 /bin/unpacked; /bin/ls -l /bin/unpacked",
        ..ORDINARY
    },
    Act {
        pod: "logs",
        does: "exec 3>&1; exec > /tmp/out; echo to a file; exec >&3
               for n in 1 2 3 4 5 6 7 8 9; do echo line $n; echo trouble $n >&2; echo line $n >> /tmp/log; done
               /bin/mv /tmp/log /tmp/log.1; echo begins anew > /tmp/log; /bin/gzip /tmp/log.1
               /bin/tail -n 1 /tmp/log; /bin/ls -l /tmp",
        ..ORDINARY
    },
    Act {
        pod: "signals",
        first: "trap 'echo again > /data/hup' HUP; trap 'echo one' USR1",
        does: "kill -USR1 $$; /bin/sleep 60 & kill -TERM $!; wait $! || true
               while ! [ -e /data/hup ]; do /bin/sleep 0.05; done",
        meanwhile: &[Outside::Signal("HUP")],
        ..ORDINARY
    },
    // Names, as clusters give them: a Service's address, and the Pod behind it, which a policy lets send nothing but
    // answers.
    Act {
        pod: "names-server",
        addresses: &["10.244.1.20", "10.96.0.10"],
        does: "/bin/sample resolver 10.96.0.10 &",
        ..ORDINARY
    },
    Act {
        pod: "names-by-a-service",
        declares: restricted,
        addresses: &["10.244.1.21"],
        does: "/bin/sample ask 10.96.0.10:53; /bin/nslookup web.plumbline.test 10.96.0.10",
        ..ORDINARY
    },
    // A policy lets nobody connect to it, but the kubelet must.
    Act {
        pod: "probed",
        declares: restricted,
        addresses: &["10.244.1.22"],
        ports: &[8080],
        does: "/bin/sample serve 0.0.0.0:8080 &",
        meanwhile: &[Outside::Probe("10.244.1.22:8080"), Outside::Probe("10.244.1.22:8080")],
        ..ORDINARY
    },
    // A policy lets it connect to nobody, but who connects to it is answered.
    Act {
        pod: "answers",
        declares: restricted,
        addresses: &["10.244.1.23"],
        ports: &[8080],
        does: "/bin/sample serve 0.0.0.0:8080 &",
        ..ORDINARY
    },
    // No policy selects it. Nobody is at the last address.
    Act {
        pod: "free",
        declares: restricted,
        addresses: &["10.244.1.24"],
        does: "/bin/sample serve 0.0.0.0:9000 & /bin/sample reach 10.244.1.23:8080
               /bin/sample ask 10.96.0.10:53; /bin/sample fails ENETUNREACH 203.0.113.7:443",
        ..ORDINARY
    },
    // A policy lets nobody connect to it and it to nobody, and it speaks with itself.
    Act {
        pod: "by-itself",
        declares: restricted,
        addresses: &["10.244.1.25"],
        does: "/bin/sample serve 127.0.0.1:8080 & /bin/sample reach 127.0.0.1:8080
               /bin/sample serve '[::1]:8080' & /bin/sample reach '[::1]:8080'
               /bin/sample serve 10.244.1.25:9000 & /bin/sample reach 10.244.1.25:9000",
        ..ORDINARY
    },
];

/// What no policy lets it do.
pub(crate) const STRANGER: Act = Act {
    pod: "stranger",
    addresses: &["10.244.1.26"],
    does: "/bin/sample reach 10.244.1.22:8080",
    ..ORDINARY
};

/// What the Pod Security Standards ask for in their strictest form, and a root that nobody writes to.
fn restricted() -> Value {
    json!({
        "runAsUser": 1000,
        "runAsGroup": 1000,
        "runAsNonRoot": true,
        "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_fifteen_kinds_two_of_them_twice_and_nothing_is_expected_of_any() {
        assert_eq!(ACTS.len(), 17);
        assert!(ACTS.iter().all(|act| act.expects.is_empty()));
    }
}
