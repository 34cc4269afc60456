import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { writeHostFiles } from './host-files.ts';
import { HostProcessTree } from './host-process-tree.ts';
import { LabHost } from './lab-host.ts';
import {
  assertUsable,
  contentDirectories,
  hostDirectoryOf,
  hostFacts,
  labPaths,
  newLabDirectory,
  type LabLayout,
} from './lab-layout.ts';
import { requireCommand } from './run-command.ts';

export type TwoHostsOptions = {
  /** Made if need be; at the end only what the laboratory put there goes. Null: a new one, which goes as a whole. */
  readonly directory: string | null;
  readonly names: readonly [string, string];
  /** First three numbers of the /24 between the hosts. Two laboratories may use the same: each has its own network. */
  readonly subnet?: string;
  /** Names of further directories with content per host, beside `instances`. */
  readonly extraDirectories?: readonly string[];
};

/** On each host, joined to nothing: for guests with interfaces. */
export const GUEST_BRIDGE = 'guests';

const SUBNET = '10.77.0';
const IP_DEADLINE_MS = 10_000;
const REMOVE_ATTEMPTS_MAX = 5;

/** Two libvirt hosts on this machine, isolated from it and joined by one link. Made by `startTwoHosts`. */
export class Lab {
  readonly directory: string;
  readonly hosts: readonly [LabHost, LabHost];
  readonly #trees: readonly HostProcessTree[];
  readonly #paths: readonly string[];
  #stopping: Promise<void> | null = null;

  /** Starts the process trees at once, so that from the first moment there is somebody who can stop them. */
  constructor(layout: LabLayout, names: readonly [string, string], paths: readonly string[]) {
    this.directory = layout.directory;
    this.#paths = paths;
    const trees: HostProcessTree[] = [];
    this.#trees = trees;
    process.once('exit', this.killNow);
    const start = (name: string, index: number): LabHost => {
      const hostDirectory = hostDirectoryOf(layout, name);
      const tree = new HostProcessTree(hostDirectory, name, contentDirectories(layout, name));
      trees.push(tree);
      return new LabHost(hostFacts(layout, name, index), hostDirectory, tree);
    };
    try {
      this.hosts = [start(names[0], 0), start(names[1], 1)];
    } catch (error) {
      this.killNow();
      throw error;
    }
  }

  /** Takes the link between the hosts down, as a pulled cable does: connections through it hang, none is refused. */
  cutLink(): Promise<void> {
    return this.hosts[0].setLink('down');
  }

  healLink(): Promise<void> {
    return this.hosts[0].setLink('up');
  }

  /** Ends both hosts and removes their files. May be called twice and from signal handlers; rejects if something stays. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** The last resort of a process that is about to exit: as `stop`, but synchronous. Runs on 'exit' by itself. */
  readonly killNow = (): void => {
    for (const tree of this.#trees) tree.endNow();
    removeAllNow(this.#paths);
  };

  async #stop(): Promise<void> {
    const left = (await Promise.all(this.#trees.map((tree) => tree.end()))).filter((message) => message !== null);
    if (left.length > 0) throw new Error(left.join('\n'));
    for (const path of this.#paths) {
      await rm(path, { recursive: true, force: true, maxRetries: REMOVE_ATTEMPTS_MAX });
    }
    process.removeListener('exit', this.killNow);
  }
}

/**
 * Starts two libvirt hosts. Needs what `labAvailability` checks. Rejects with the end of the logs, after clearing away
 * what was started. A process that is killed outright leaves no process or mount behind, only the directory.
 */
export async function startTwoHosts(options: TwoHostsOptions): Promise<Lab> {
  const layout = {
    directory: options.directory === null ? newLabDirectory() : resolve(options.directory),
    subnet: options.subnet ?? SUBNET,
    suffix: randomBytes(4).toString('hex'),
    extraDirectories: options.extraDirectories ?? [],
  };
  const paths = options.directory === null ? [layout.directory] : labPaths(layout);
  const lab = layOut(layout, options, paths);
  try {
    await bringUp(lab);
  } catch (error) {
    await lab.stop();
    throw error;
  }
  return lab;
}

// Nothing is awaited from the first directory to the first process: whoever exits from a signal handler then finds either
// nothing to remove or a Lab whose 'exit' listener removes it.
function layOut(layout: LabLayout, options: TwoHostsOptions, paths: readonly string[]): Lab {
  try {
    assertUsable(layout, options.names);
  } catch (error) {
    // What already stood in the caller's directory is not ours to remove; a directory made a moment ago is.
    if (options.directory === null) removeAllNow(paths);
    throw error;
  }
  try {
    const identities = options.names.map((name, index) => ({ name, address: `${layout.subnet}.${index + 1}` }));
    for (const identity of identities) {
      writeHostFiles(hostDirectoryOf(layout, identity.name), identity, identities);
      for (const { inside, outside } of contentDirectories(layout, identity.name)) {
        mkdirSync(inside, { recursive: true });
        mkdirSync(outside, { recursive: true });
      }
    }
    return new Lab(layout, options.names, paths);
  } catch (error) {
    removeAllNow(paths);
    throw error;
  }
}

async function bringUp(lab: Lab): Promise<void> {
  await Promise.all(lab.hosts.map((host) => host.waitUntilReady()));
  await linkHosts(lab.hosts[0], lab.hosts[1]);
  await Promise.all(lab.hosts.map((host) => host.startLibvirtd()));
}

/** Both ends are made inside the hosts' network namespaces: the machine itself never has an interface of the laboratory. */
async function linkHosts(first: LabHost, second: LabHost): Promise<void> {
  const veth = ['ip', 'link', 'add', ...linkEnd(first), 'type', 'veth', 'peer', 'name', ...linkEnd(second)];
  await requireCommand(veth, { deadlineMs: IP_DEADLINE_MS });
  for (const host of [first, second]) {
    const inside = ['nsenter', '--target', String(host.initPid), '--net', '--', 'ip'];
    const { migrationAddress, interfaceName } = host.facts;
    const address = [...inside, 'address', 'add', `${migrationAddress}/24`, 'dev', interfaceName];
    await requireCommand(address, { deadlineMs: IP_DEADLINE_MS });
    await host.setLink('up');
    for (const command of [
      ['link', 'add', GUEST_BRIDGE, 'type', 'bridge'],
      ['link', 'set', GUEST_BRIDGE, 'up'],
    ]) {
      await requireCommand([...inside, ...command], { deadlineMs: IP_DEADLINE_MS });
    }
  }
}

function linkEnd(host: LabHost): readonly string[] {
  return [host.facts.interfaceName, 'netns', String(host.initPid)];
}

function removeAllNow(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: REMOVE_ATTEMPTS_MAX });
}
