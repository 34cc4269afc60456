import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { LabHost } from '../lab/lab-host.ts';
import { requireCommand } from '../lab/run-command.ts';

/** What is looked at of a host of the laboratory. */
type LookedAt = Pick<LabHost, 'facts' | 'processes'>;

/** Names of everything on a host that a server could leave behind, such as `file 1f3c…/disk`. */
export type HostContent = ReadonlySet<string>;

const VIRSH_DEADLINE_MS = 10_000;

/**
 * Seen from outside and not told by Lifeboat: libvirt's domains and pools, files and directories below the instances
 * path, and programs that run. Throws when it cannot be known.
 */
export async function contentOf(host: LookedAt): Promise<HostContent> {
  const [domains, pools, files] = await Promise.all([
    virsh(host, ['list', '--all', '--name']),
    virsh(host, ['pool-list', '--all', '--name']),
    filesBelow(host.facts.instancesPathOutside),
  ]);
  const programs = host.processes().map(({ commandLine }) => commandLine[0] ?? '?');
  return new Set([
    ...domains.map((name) => `domain ${name}`),
    ...pools.map((name) => `pool ${name}`),
    ...files.map((name) => `file ${name}`),
    ...programs.map((name) => `process ${name}`),
  ]);
}

/** What is on the host now and was not before its first server, such as libvirtd itself. */
export async function leftoversOn(host: LookedAt, before: HostContent): Promise<readonly string[]> {
  return [...(await contentOf(host))].filter((name) => !before.has(name));
}

export function runningDomainsOn(host: LookedAt): Promise<readonly string[]> {
  return virsh(host, ['list', '--name', '--state-running']);
}

async function virsh({ facts }: LookedAt, argv: readonly string[]): Promise<readonly string[]> {
  const output = await requireCommand(['virsh', '-c', facts.connectionUri, ...argv], { deadlineMs: VIRSH_DEADLINE_MS });
  const names = output.split('\n').map((line) => line.trim());
  return names.filter((name) => name !== '');
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}
