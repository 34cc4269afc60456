import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostProcess } from './host-processes.ts';
import { isGone } from './host-processes.ts';
import type { HostProcessTree } from './host-process-tree.ts';
import { requireCommand, runCommand, type CommandResult } from './run-command.ts';
import { waitUntil } from './wait-until.ts';

/** A directory with this host's own content, at the same `inside` path on every host of the laboratory. */
export type LabDirectory = { readonly name: string; readonly inside: string; readonly outside: string };

/** Where everything of one host is; plain values, fit for passing on. */
export type LabHostFacts = {
  readonly name: string;
  /** Unix socket of libvirtd, usable from outside the host; `connectionUri` is the same for virsh. */
  readonly socketPath: string;
  readonly connectionUri: string;
  /** Reachable only from within a host of the laboratory (`run`). libvirtd listens there on 16509 without TLS or password. */
  readonly migrationAddress: string;
  /** As libvirt sees it: for domain XML and storage pools. The same on each host, with content of its own. */
  readonly instancesPath: string;
  /** The same directory for the test process, which is not in the host's mount namespace. */
  readonly instancesPathOutside: string;
  /** One for each name in `extraDirectories`. */
  readonly directories: readonly LabDirectory[];
  readonly logPath: string;
  readonly interfaceName: string;
};

const LIBVIRTD_START_DEADLINE_MS = 30_000;
const LIBVIRTD_END_DEADLINE_MS = 10_000;
const VIRSH_DEADLINE_MS = 10_000;
const RUN_DEADLINE_MS = 60_000;
const LOG_TAIL_CHARACTERS = 3000;
const ENDING_SIGNALS: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT'];

/** One running host of the laboratory. Made by `startTwoHosts`, gone after `stop`. */
export class LabHost {
  readonly name: string;
  readonly facts: LabHostFacts;
  readonly #tree: HostProcessTree;
  readonly #hostDirectory: string;

  constructor(facts: LabHostFacts, hostDirectory: string, tree: HostProcessTree) {
    this.name = facts.name;
    this.facts = facts;
    this.#hostDirectory = hostDirectory;
    this.#tree = tree;
  }

  get initPid(): number {
    return this.#tree.initPid;
  }

  /** Returns when the namespaces and mounts stand; throws with the end of the log when they do not come. */
  async waitUntilReady(): Promise<void> {
    const failure = await this.#tree.waitUntilReady();
    if (failure !== null) throw new Error(`${this.name}: ${failure}\n${await this.logTail()}`);
  }

  processes(): readonly HostProcess[] {
    return this.#tree.processes();
  }

  /** Runs a command inside the host's namespaces; one that is not finished in time is killed. */
  run(argv: readonly string[], deadlineMs: number = RUN_DEADLINE_MS): Promise<CommandResult> {
    const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid'];
    return runCommand(['nsenter', '--target', String(this.initPid), ...namespaces, '--', ...argv], { deadlineMs });
  }

  async setLink(state: 'up' | 'down'): Promise<void> {
    const target = ['nsenter', '--target', String(this.initPid), '--net', '--'];
    const argv = [...target, 'ip', 'link', 'set', 'dev', this.facts.interfaceName, state];
    await requireCommand(argv, { deadlineMs: VIRSH_DEADLINE_MS });
  }

  /** Lets PID 1 run libvirtd and returns when it answers a request; throws with the end of its log after 30 s. */
  async startLibvirtd(): Promise<void> {
    await writeFile(this.#flag(), '');
    const virsh = ['virsh', '-c', this.facts.connectionUri, 'hostname'];
    const probe = async (): Promise<true | null> => {
      const result = await runCommand(virsh, { deadlineMs: VIRSH_DEADLINE_MS });
      return result.outcome === 'exited' && result.exitCode === 0 ? true : null;
    };
    if ((await waitUntil(probe, { deadlineMs: LIBVIRTD_START_DEADLINE_MS })) !== null) return;
    throw new Error(
      `${this.name}: libvirtd does not answer after ${LIBVIRTD_START_DEADLINE_MS} ms\n${await this.logTail()}`,
    );
  }

  /**
   * Sends a signal to libvirtd. After an ending one it stays down until `startLibvirtd`, and this returns when it is gone;
   * SIGSTOP and SIGCONT are only delivered. Guests run on. Throws when no libvirtd runs or it survives for 10 s.
   */
  async killLibvirtd(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const pid = this.libvirtdPid();
    if (pid === null) throw new Error(`${this.name}: no libvirtd is running`);
    const ends = ENDING_SIGNALS.includes(signal);
    if (ends) await rm(this.#flag(), { force: true });
    process.kill(pid, signal);
    if (!ends) return;
    const gone = await waitUntil(() => (isGone(pid) ? true : null), { deadlineMs: LIBVIRTD_END_DEADLINE_MS });
    if (gone === null) throw new Error(`${this.name}: libvirtd survives ${signal}\n${await this.logTail()}`);
  }

  libvirtdPid(): number | null {
    const daemon = this.processes().find(({ commandLine }) => commandLine[0] === '/usr/sbin/libvirtd');
    return daemon?.pid ?? null;
  }

  /** The end of what PID 1 and libvirtd have written, for error messages. */
  async logTail(): Promise<string> {
    const parts: string[] = [];
    for (const name of ['init.log', 'libvirtd.out', 'libvirtd.log']) {
      const text = await readFile(join(this.#hostDirectory, 'log', name), 'utf8').catch(() => '');
      if (text !== '') parts.push(`--- ${this.name} ${name} ends with:\n${text.slice(-LOG_TAIL_CHARACTERS)}`);
    }
    return parts.join('\n');
  }

  #flag(): string {
    return join(this.#hostDirectory, 'run-libvirtd');
  }
}
