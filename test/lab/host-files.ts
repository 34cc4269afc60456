import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type HostIdentity = { readonly name: string; readonly address: string };

// The number Debian reserves for it.
const QEMU_ID = 64055;

/**
 * Writes the directory of one laboratory host: what it will see as /etc/libvirt, /var/lib/libvirt and so on.
 * `neighbours` lists all hosts of the laboratory, for /etc/hosts. The host_uuid is new each time, because libvirt
 * refuses to migrate between daemons with the same one. Synchronous, so that no signal handler can run half way.
 */
export function writeHostFiles(hostDirectory: string, host: HostIdentity, neighbours: readonly HostIdentity[]): void {
  for (const name of ['etc', 'varlib', 'cache', 'log', 'sock', 'instances']) {
    mkdirSync(join(hostDirectory, name), { recursive: true });
  }
  const etc = join(hostDirectory, 'etc');
  writeFileSync(join(etc, 'libvirtd.conf'), libvirtdConf(hostDirectory, host));
  writeFileSync(join(etc, 'qemu.conf'), qemuConf(host));
  writeFileSync(
    join(etc, 'passwd'),
    accountsWith('/etc/passwd', `libvirt-qemu:x:${QEMU_ID}:${QEMU_ID}::/:/usr/sbin/nologin`),
  );
  writeFileSync(join(etc, 'group'), accountsWith('/etc/group', `libvirt-qemu:x:${QEMU_ID}:`));
  const lines = ['127.0.0.1 localhost', ...neighbours.map(({ address, name }) => `${address} ${name}`)];
  writeFileSync(join(etc, 'hosts'), `${lines.join('\n')}\n`);
  writeFileSync(join(etc, 'machine-id'), `${randomUUID().replaceAll('-', '')}\n`);
}

// libvirtd refuses to start without its default account, even if the configuration names another. That account comes
// with libvirt-daemon-system, which would also set up services on this machine, so only the hosts are shown one.
function accountsWith(path: string, account: string): string {
  const text = readFileSync(path, 'utf8');
  if (text.split('\n').some((line) => line.startsWith('libvirt-qemu:'))) return text;
  return `${text.trimEnd()}\n${account}\n`;
}

function libvirtdConf(hostDirectory: string, host: HostIdentity): string {
  return [
    `host_uuid = "${randomUUID()}"`,
    `unix_sock_dir = "${join(hostDirectory, 'sock')}"`,
    'auth_unix_rw = "none"',
    'auth_unix_ro = "none"',
    'listen_tls = 0',
    'listen_tcp = 1',
    `listen_addr = "${host.address}"`,
    'auth_tcp = "none"',
    'log_outputs = "3:file:/var/log/libvirt/libvirtd.log"',
    '',
  ].join('\n');
}

// stdio_handler: the default needs virtlogd. cgroup_controllers: /sys is remounted, so there are none to find.
function qemuConf(host: HostIdentity): string {
  return [
    'security_driver = "none"',
    'stdio_handler = "file"',
    'cgroup_controllers = []',
    'namespaces = []',
    'user = "root"',
    'group = "root"',
    `migration_address = "${host.address}"`,
    `migration_host = "${host.address}"`,
    '',
  ].join('\n');
}
