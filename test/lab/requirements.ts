import { existsSync } from 'node:fs';
import { describeCommandResult, runCommand } from './run-command.ts';

/**
 * Debian packages the laboratory uses, installed without recommended ones. Some are on nearly every machine and are
 * named because a minimal container may lack them. busybox-static replaces busybox where that is installed.
 */
export const LAB_PACKAGES: readonly string[] = [
  'libvirt-daemon',
  'libvirt-daemon-driver-qemu',
  'libvirt-clients',
  'qemu-system-x86',
  'qemu-utils',
  'ovmf',
  'iproute2',
  'util-linux',
  'mount',
  'busybox-static',
  'cpio',
  'e2fsprogs',
];

/** A Keystone of its own, without the service that Debian would start: apart, since the two hosts do without it. */
export const KEYSTONE_PACKAGES: readonly string[] = ['python3-keystone'];

export type LabAvailability = { readonly available: true } | { readonly available: false; readonly reason: string };

export type InstallOutcome =
  | { readonly outcome: 'installed'; readonly packages: readonly string[] }
  | { readonly outcome: 'notRoot'; readonly commandToRun: string }
  | { readonly outcome: 'failed'; readonly message: string };

const QUERY_DEADLINE_MS = 20_000;
const UPDATE_DEADLINE_MS = 180_000;
const INSTALL_DEADLINE_MS = 900_000;
// A package manager that is just running on this machine is waited for, instead of failing at once.
const LOCK_TIMEOUT = 'DPkg::Lock::Timeout=120';

/** Those that dpkg does not call installed; all of them where there is no dpkg. */
export async function missingPackages(packages: readonly string[] = LAB_PACKAGES): Promise<readonly string[]> {
  const format = '${Package} ${db:Status-Status}\\n';
  const result = await runCommand(['dpkg-query', '-W', '-f', format, ...packages], {
    deadlineMs: QUERY_DEADLINE_MS,
  });
  // dpkg-query exits with 1 as soon as one package is unknown, and still lists the others.
  const lines = result.outcome === 'exited' ? result.stdout.split('\n') : [];
  return packages.filter((name) => !lines.includes(`${name} installed`));
}

/** Installs what is missing, as root; for anybody else it only says which one command to run. */
export async function installMissing(options: {
  readonly onProgress: (line: string) => void;
  readonly packages?: readonly string[];
}): Promise<InstallOutcome> {
  const wanted = options.packages ?? LAB_PACKAGES;
  const packages = await missingPackages(wanted);
  if (packages.length === 0) return { outcome: 'installed', packages };
  const install = ['install', '-y', '--no-install-recommends', ...packages];
  if (process.getuid?.() !== 0) return { outcome: 'notRoot', commandToRun: `apt-get ${install.join(' ')}` };
  const steps = [
    { argv: ['apt-get', '-o', LOCK_TIMEOUT, 'update'], deadlineMs: UPDATE_DEADLINE_MS },
    { argv: ['apt-get', '-o', LOCK_TIMEOUT, ...install], deadlineMs: INSTALL_DEADLINE_MS },
  ];
  for (const { argv, deadlineMs } of steps) {
    options.onProgress(argv.join(' '));
    const onOutput = reportLines(options.onProgress);
    // Killed outright, it would leave half-configured packages behind; as from the keyboard it stops in order.
    const result = await runCommand(argv, { deadlineMs, onOutput, signalOnExit: 'SIGINT' });
    if (result.outcome !== 'exited' || result.exitCode !== 0) {
      return { outcome: 'failed', message: `${argv.join(' ')}: ${describeCommandResult(result)}` };
    }
  }
  const stillMissing = await missingPackages(wanted);
  if (stillMissing.length === 0) return { outcome: 'installed', packages };
  return { outcome: 'failed', message: `still not installed: ${stillMissing.join(' ')}` };
}

/** Whether the laboratory can run here, found out by trying; the reason is a sentence for whoever reads a skipped test. */
export async function labAvailability(): Promise<LabAvailability> {
  if (process.platform !== 'linux') return unavailable(`it needs Linux, this is ${process.platform}`);
  if (process.arch !== 'x64') return unavailable(`its guest is an x86-64 one, this is ${process.arch}`);
  if (process.getuid?.() !== 0) return unavailable('it needs root, for namespaces and libvirtd');
  if (!existsSync('/usr/bin/dpkg-query')) return unavailable('it needs Debian packages, and there is no dpkg-query');
  const missing = await missingPackages();
  if (missing.length > 0) return unavailable(`Debian packages are missing: ${missing.join(' ')}`);
  const unshare = ['unshare', '--net', '--mount', '--uts', '--ipc', '--pid', '--fork', 'true'];
  const result = await runCommand(unshare, { deadlineMs: QUERY_DEADLINE_MS });
  if (result.outcome === 'exited' && result.exitCode === 0) return { available: true };
  return unavailable(`new namespaces are not permitted: ${describeCommandResult(result)}`);
}

function unavailable(reason: string): LabAvailability {
  return { available: false, reason: `The two-host laboratory cannot run here: ${reason}.` };
}

function reportLines(onProgress: (line: string) => void): (text: string) => void {
  return (text) => {
    for (const line of text.split('\n')) if (line.trim() !== '') onProgress(line.trim());
  };
}
