//! The Pod Security Standards as expressions over a Pod named `object`, as ValidatingAdmissionPolicies say them. What the
//! tests of the expression language and its bench are about; they decide nothing.

use anyhow::{Result, bail};
use cel::{Budget, Environment, Outcome, Program, StaticType};
use serde_json::{Value as Json, json};

#[cfg(test)]
mod tests;

/// How much a check asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Baseline,
    Restricted,
}

/// A control of the standards.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    pub name: &'static str,
    pub level: Level,
    /// True where the Pod keeps it.
    pub expression: &'static str,
}

/// The checks of a level that a Pod does not keep.
pub fn broken(level: Level, pod: &Json) -> Result<Vec<&'static str>> {
    let environment = Environment::standard().with_variable("object", StaticType::Dyn);
    let input = json!({"object": pod});
    let mut broken = Vec::new();
    for check in CHECKS.iter().filter(|check| level.asks(check)) {
        let program = Program::compile(&environment, check.expression)?;
        match program.evaluate(&input, &mut Budget::default()) {
            Outcome::Value(value) if value.as_bool() == Some(true) => {}
            Outcome::Value(_) => broken.push(check.name),
            outcome => bail!("{}: {outcome:?}", check.name),
        }
    }
    Ok(broken)
}

/// Every container of the Pod, of each of its three lists.
macro_rules! containers {
    () => {
        "(object.spec.containers \
         + (has(object.spec.initContainers) ? object.spec.initContainers : []) \
         + (has(object.spec.ephemeralContainers) ? object.spec.ephemeralContainers : []))"
    };
}

/// Containers of Windows have none of what some checks ask for.
macro_rules! windows {
    () => {
        "has(object.spec.os) && object.spec.os.name == 'windows' || "
    };
}

const fn baseline(name: &'static str, expression: &'static str) -> Check {
    Check { name, level: Level::Baseline, expression }
}

const fn restricted(name: &'static str, expression: &'static str) -> Check {
    Check { name, level: Level::Restricted, expression }
}

/// Every check. A Pod that keeps restricted keeps baseline, too.
pub const CHECKS: &[Check] = &[
    baseline(
        "host processes of Windows",
        concat!(
            "(!has(object.spec.securityContext) || !has(object.spec.securityContext.windowsOptions) \
             || !has(object.spec.securityContext.windowsOptions.hostProcess) \
             || !object.spec.securityContext.windowsOptions.hostProcess) && ",
            containers!(),
            ".all(c, !has(c.securityContext) || !has(c.securityContext.windowsOptions) \
             || !has(c.securityContext.windowsOptions.hostProcess) || !c.securityContext.windowsOptions.hostProcess)"
        ),
    ),
    baseline(
        "host namespaces",
        "(!has(object.spec.hostNetwork) || !object.spec.hostNetwork) \
         && (!has(object.spec.hostPID) || !object.spec.hostPID) \
         && (!has(object.spec.hostIPC) || !object.spec.hostIPC)",
    ),
    baseline(
        "privileged containers",
        concat!(
            containers!(),
            ".all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)"
        ),
    ),
    baseline(
        "capabilities",
        concat!(
            containers!(),
            ".all(c, !has(c.securityContext) || !has(c.securityContext.capabilities) \
             || !has(c.securityContext.capabilities.add) || c.securityContext.capabilities.add.all(capability, \
             capability in ['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', \
             'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT']))"
        ),
    ),
    baseline(
        "host paths",
        "!has(object.spec.volumes) || object.spec.volumes.all(volume, !has(volume.hostPath))",
    ),
    baseline(
        "host ports",
        concat!(
            containers!(),
            ".all(c, !has(c.ports) || c.ports.all(port, !has(port.hostPort) || port.hostPort == 0))"
        ),
    ),
    baseline(
        "AppArmor profiles",
        concat!(
            "(!has(object.metadata.annotations) || object.metadata.annotations.all(key, \
             !key.startsWith('container.apparmor.security.beta.kubernetes.io/') \
             || object.metadata.annotations[key] in ['', 'runtime/default'] \
             || object.metadata.annotations[key].startsWith('localhost/'))) \
             && (!has(object.spec.securityContext) || !has(object.spec.securityContext.appArmorProfile) \
             || object.spec.securityContext.appArmorProfile.type in ['RuntimeDefault', 'Localhost']) && ",
            containers!(),
            ".all(c, !has(c.securityContext) || !has(c.securityContext.appArmorProfile) \
             || c.securityContext.appArmorProfile.type in ['RuntimeDefault', 'Localhost'])"
        ),
    ),
    baseline(
        "SELinux options",
        concat!(
            "([object.spec.?securityContext.?seLinuxOptions] + ",
            containers!(),
            ".map(c, c.?securityContext.?seLinuxOptions)).all(options, \
             options.?type.orValue('') in ['', 'container_t', 'container_init_t', 'container_kvm_t', \
             'container_engine_t'] && options.?user.orValue('') == '' && options.?role.orValue('') == '')"
        ),
    ),
    baseline(
        "proc mounts",
        concat!(
            "has(object.spec.hostUsers) && !object.spec.hostUsers || ",
            containers!(),
            ".all(c, !has(c.securityContext) || !has(c.securityContext.procMount) \
             || c.securityContext.procMount == 'Default')"
        ),
    ),
    baseline(
        "seccomp profiles",
        concat!(
            "object.spec.?securityContext.?seccompProfile.?type.orValue('RuntimeDefault') \
             in ['RuntimeDefault', 'Localhost'] && ",
            containers!(),
            ".all(c, c.?securityContext.?seccompProfile.?type.orValue('RuntimeDefault') \
             in ['RuntimeDefault', 'Localhost'])"
        ),
    ),
    baseline(
        "sysctls",
        "!has(object.spec.securityContext) || !has(object.spec.securityContext.sysctls) \
         || object.spec.securityContext.sysctls.all(sysctl, sysctl.name in ['kernel.shm_rmid_forced', \
         'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.tcp_syncookies', \
         'net.ipv4.ping_group_range', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time', \
         'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes', \
         'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem', \
         'net.ipv4.tcp_slow_start_after_idle', 'net.ipv4.tcp_notsent_lowat'])",
    ),
    baseline(
        "hosts of probes and hooks",
        concat!(
            containers!(),
            ".all(c, [c.?livenessProbe, c.?readinessProbe, c.?startupProbe, c.?lifecycle.?postStart, \
             c.?lifecycle.?preStop].all(action, [action.?httpGet.?host, action.?tcpSocket.?host].all(host, \
             host.orValue('') == '')))"
        ),
    ),
    restricted(
        "proc mounts in a user namespace, too",
        concat!(
            containers!(),
            ".all(c, !has(c.securityContext) || !has(c.securityContext.procMount) \
             || c.securityContext.procMount == 'Default')"
        ),
    ),
    restricted(
        "kinds of volumes",
        "!has(object.spec.volumes) || object.spec.volumes.all(volume, volume.all(field, field in ['name', \
         'configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', \
         'secret']))",
    ),
    restricted(
        "privilege escalation",
        concat!(
            windows!(),
            containers!(),
            ".all(c, has(c.securityContext) && has(c.securityContext.allowPrivilegeEscalation) \
             && !c.securityContext.allowPrivilegeEscalation)"
        ),
    ),
    restricted(
        "running as non-root",
        concat!(
            "has(object.spec.hostUsers) && !object.spec.hostUsers || ",
            containers!(),
            ".all(c, has(c.securityContext) && has(c.securityContext.runAsNonRoot) ? c.securityContext.runAsNonRoot \
             : has(object.spec.securityContext) && has(object.spec.securityContext.runAsNonRoot) \
             && object.spec.securityContext.runAsNonRoot)"
        ),
    ),
    restricted(
        "running as user 0",
        concat!(
            "has(object.spec.hostUsers) && !object.spec.hostUsers \
             || object.spec.?securityContext.?runAsUser.orValue(1) != 0 && ",
            containers!(),
            ".all(c, c.?securityContext.?runAsUser.orValue(1) != 0)"
        ),
    ),
    restricted(
        "seccomp profiles that must be set",
        concat!(
            windows!(),
            "(!has(object.spec.securityContext) || !has(object.spec.securityContext.seccompProfile) \
             || object.spec.securityContext.seccompProfile.type in ['RuntimeDefault', 'Localhost']) && ",
            containers!(),
            ".all(c, has(c.securityContext) && has(c.securityContext.seccompProfile) \
             ? c.securityContext.seccompProfile.type in ['RuntimeDefault', 'Localhost'] \
             : has(object.spec.securityContext) && has(object.spec.securityContext.seccompProfile))"
        ),
    ),
    restricted(
        "capabilities that must be dropped",
        concat!(
            windows!(),
            containers!(),
            ".all(c, has(c.securityContext) && has(c.securityContext.capabilities) \
             && has(c.securityContext.capabilities.drop) && 'ALL' in c.securityContext.capabilities.drop \
             && (!has(c.securityContext.capabilities.add) \
             || c.securityContext.capabilities.add.all(capability, capability == 'NET_BIND_SERVICE')))"
        ),
    ),
];

impl Level {
    /// Whether a Pod that is to keep this level must keep the check.
    pub fn asks(self, check: &Check) -> bool {
        self == Self::Restricted || check.level == Self::Baseline
    }
}
