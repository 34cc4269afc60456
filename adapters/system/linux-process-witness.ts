import { readFileSync, readlinkSync } from 'node:fs';
import type { ProcessWitness } from '../../application/ports/process-witness.ts';

/** In /proc/PID/stat behind the name, which may hold anything: the state is the first field, the start time the 20th. */
const START_TIME_FIELD = 19;

/**
 * By Linux's own records: a process is named by the kernel that runs (its boot id), its PID namespace, its number, and
 * when it was started, since numbers are given again. Elsewhere, and across machines and containers, nothing is known.
 */
export class LinuxProcessWitness implements ProcessWitness {
  readonly identity: string | null;
  readonly #kernel: string | null;

  constructor() {
    this.#kernel = kernelAndNamespace();
    const startTime = startTimeOf(process.pid);
    this.identity = this.#kernel === null || startTime === null ? null : `${this.#kernel} ${process.pid} ${startTime}`;
  }

  isSurelyGone(identity: string): boolean {
    const parts = identity.split(' ');
    const startTime = parts.pop();
    const pid = Number(parts.pop());
    if (this.#kernel === null || parts.join(' ') !== this.#kernel || !Number.isSafeInteger(pid)) return false;
    return startTimeOf(pid) !== startTime;
  }
}

function kernelAndNamespace(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}

/** Null: there is no such process, or only what its parent has not buried yet. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[START_TIME_FIELD] ?? null);
  } catch {
    return null;
  }
}
