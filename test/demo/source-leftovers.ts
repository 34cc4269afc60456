import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { LabHost } from '../lab/lab-host.ts';
import { requireCommand } from '../lab/run-command.ts';

const VIRSH_DEADLINE_MS = 10_000;

/** The programs that run on a host before any server is there. */
export function programsOf(host: LabHost): ReadonlySet<string> {
  return new Set(host.processes().map(({ commandLine }) => commandLine[0] ?? ''));
}

/**
 * What of any server is still on a host, seen from outside and not told by Lifeboat: libvirt's domains and pools, files
 * and directories below the instances path, and processes other than `programsBefore`. Throws when it cannot be known.
 */
export async function leftoversOn(host: LabHost, programsBefore: ReadonlySet<string>): Promise<readonly string[]> {
  const [domains, pools, files] = await Promise.all([
    domainsOn(host, ['--all']),
    virsh(host, ['pool-list', '--all', '--name']),
    filesBelow(host.facts.instancesPathOutside),
  ]);
  const processes = host.processes().filter(({ commandLine }) => !programsBefore.has(commandLine[0] ?? ''));
  return [
    ...domains.map((name) => `domain ${name}`),
    ...pools.map((name) => `pool ${name}`),
    ...files.map((name) => `file ${name}`),
    ...processes.map(({ pid, commandLine }) => `process ${pid} ${commandLine[0]}`),
  ];
}

/** Names of libvirt's domains; without further options only those that run. */
export function domainsOn(host: LabHost, options: readonly string[] = []): Promise<readonly string[]> {
  return virsh(host, ['list', '--name', ...options]);
}

async function virsh({ facts }: LabHost, argv: readonly string[]): Promise<readonly string[]> {
  const output = await requireCommand(['virsh', '-c', facts.connectionUri, ...argv], { deadlineMs: VIRSH_DEADLINE_MS });
  return output.split('\n').filter((line) => line.trim() !== '');
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}
