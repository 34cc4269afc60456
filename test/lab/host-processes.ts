import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export type HostProcess = { readonly pid: number; readonly commandLine: readonly string[] };

/** Identity of a pid namespace as the kernel prints it, e.g. `pid:[4026532281]`; null when the process is gone. */
export function pidNamespaceOf(pid: number): string | null {
  return orNull(() => readlinkSync(`/proc/${pid}/ns/pid`));
}

/** Every live process of one pid namespace, with its pid as seen from outside. Zombies are left out. */
export function processesInNamespace(pidNamespace: string): readonly HostProcess[] {
  const found: HostProcess[] = [];
  for (const pid of allPids()) {
    if (pidNamespaceOf(pid) !== pidNamespace || isGone(pid)) continue;
    const text = orNull(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    if (text !== null) found.push({ pid, commandLine: text.split('\0').filter((word) => word !== '') });
  }
  return found;
}

/** The process that is PID 1 in the namespace made by this `unshare --fork`; null while it has not forked. */
export function initPidBelow(unsharePid: number): number | null {
  for (const pid of allPids()) {
    const status = orNull(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
    if (status === null || !new RegExp(`^PPid:\\t${unsharePid}$`, 'm').test(status)) continue;
    if (/^NSpid:(\t\d+)*\t1$/m.test(status)) return pid;
  }
  return null;
}

/** True for a process that ended, also while its parent has not collected it yet. */
export function isGone(pid: number): boolean {
  const stat = orNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat === null || /^\d+ \(.*\) [ZX] /s.test(stat);
}

function allPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

// Processes end while they are being looked at; that is an answer, not an error.
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
