import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LabHost } from './lab-host.ts';
import { requireCommand } from './run-command.ts';

const VIRSH_DEADLINE_MS = 10_000;

export type LabPool = {
  readonly type: 'dir' | 'logical';
  readonly name: string;
  /** XML; empty where the path says all. */
  readonly source: string;
  readonly path: string;
};

/** Defines and starts a pool as an operator would, until the host ends. */
export async function createPool({ facts }: LabHost, { type, name, source, path }: LabPool): Promise<void> {
  const definition = join(dirname(facts.logPath), `pool-${name}.xml`);
  const target = `<target><path>${path}</path></target>`;
  writeFileSync(definition, `<pool type='${type}'><name>${name}</name>${source}${target}</pool>`);
  await requireCommand(['virsh', '-c', facts.connectionUri, 'pool-create', definition], {
    deadlineMs: VIRSH_DEADLINE_MS,
  });
}
