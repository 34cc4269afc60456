import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { InstanceId } from '../../domain/shared/ids.ts';
import type { Lab } from '../lab/two-hosts.ts';
import type { BenchRow } from './bench-row.ts';
import { command, median } from './rounds.ts';

const MIB = 1024 * 1024;
const SMALL_MIB = 64;
const LARGE_MIB = 1024;
const ROUNDS = 3;
/** Sixteen times the bytes in the same memory, but for what two runs of one process differ by. */
const PEAK_RATIO_MAX = 1.25;

const SMALL = { name: 'kernel.rescue', mebibytes: SMALL_MIB } as const;
const LARGE = { name: 'ramdisk.rescue', mebibytes: LARGE_MIB } as const;
const WARM_UP = { name: 'kernel', mebibytes: SMALL_MIB } as const;

/** Whether memory stays flat: the peak of a process that stages 1 GiB, against one that stages 64 MiB. */
export async function benchStagingMemory(lab: Lab, server: InstanceId): Promise<BenchRow> {
  for (const { name, mebibytes } of [WARM_UP, SMALL, LARGE]) {
    await fill(join(lab.hosts[0].facts.instancesPathOutside, server, name), mebibytes);
  }
  const ours: number[] = [];
  const peer: number[] = [];
  const growths: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    peer.push((await stageInOwnProcess(lab, server, SMALL.name)).peakMib);
    const large = await stageInOwnProcess(lab, server, LARGE.name);
    ours.push(large.peakMib);
    growths.push(large.growthMib);
  }
  const ratio = median(ours) / median(peer);
  const growth = median(growths).toFixed(0);
  return {
    name: `peak memory of a process that stages ${LARGE_MIB} MiB, against one that stages ${SMALL_MIB} MiB`,
    ours: median(ours),
    peer: median(peer),
    unit: 'MiB',
    ratio,
    bar: `ratio at most ${PEAK_RATIO_MAX} (${growth} MiB above the same process before)`,
    pass: ratio <= PEAK_RATIO_MAX,
  };
}

const told = z.object({ warmBytes: z.int(), peakBytes: z.int() });

async function stageInOwnProcess(
  lab: Lab,
  server: InstanceId,
  file: string,
): Promise<{ readonly peakMib: number; readonly growthMib: number }> {
  const [source, destination] = [lab.hosts[0].facts, lab.hosts[1].facts];
  const task = JSON.stringify({ source, destination, server, files: [WARM_UP.name, file] });
  const program = join(import.meta.dirname, 'stage-one-file.bench.ts');
  const { warmBytes, peakBytes } = told.parse(JSON.parse(await command(process.execPath, program, task)));
  return { peakMib: peakBytes / MIB, growthMib: (peakBytes - warmBytes) / MIB };
}

async function fill(path: string, mebibytes: number): Promise<void> {
  const content = randomBytes(MIB);
  await using file = await open(path, 'w');
  for (let written = 0; written < mebibytes; written += 1) await file.write(content);
}
