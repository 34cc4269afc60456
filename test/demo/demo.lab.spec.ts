import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { labAvailability } from '../lab/requirements.ts';
import { runCommand } from '../lab/run-command.ts';

const DEMO = join(import.meta.dirname, 'demo.ts');
const DEMO_DEADLINE_MS = 180_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const availability = await labAvailability();
if (!availability.available) console.warn(`SKIPPED test/demo/demo.lab.spec.ts. ${availability.reason}`);

describe.skipIf(!availability.available)('npm run demo', () => {
  it(
    'live migrates a rescued server for whoever runs it, proves it, and leaves nothing behind',
    async () => {
      const run = await runCommand([process.execPath, DEMO, '--json'], { deadlineMs: DEMO_DEADLINE_MS });
      if (run.outcome !== 'exited') throw new Error(`the demo did not end by itself: ${JSON.stringify(run)}`);
      const objects = run.stdout.trimEnd().split('\n').map(parseObject);
      const result = objects.at(-1) ?? {};
      expect(result, run.stderr).toMatchObject({
        ok: true,
        failed_proofs: [],
        server: expect.stringMatching(UUID),
        source: 'lab-a',
        destination: 'lab-b',
        boot_id_before: expect.stringMatching(UUID),
        downtime_ms: expect.any(Number),
        migration_ms: expect.any(Number),
        staging_ms: expect.any(Number),
        unrescued_role: 'orig',
        orig_data_intact: true,
        leftovers_on_source: [],
        http: { '2.104': 409, '2.105_old_compute': 409, '2.105': 202 },
      });
      expect(result['boot_id_after']).toBe(result['boot_id_before']);
      expect(Number(result['tick_after'])).toBeGreaterThan(Number(result['tick_before']));
      expect(run.exitCode).toBe(0);
      expect(objects.slice(0, -1).map(({ step }) => step)).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6, 7]);
      expect(whatIsLeftOf(String(objects[1]?.['directory']))).toEqual([]);
    },
    DEMO_DEADLINE_MS,
  );

  it(
    'leaves nothing behind when it is interrupted while the hosts are up',
    async () => {
      const demo = spawn(process.execPath, [DEMO, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = new Promise<number | null>((resolve) => demo.once('exit', resolve));
      let directory = '';
      for await (const line of createInterface({ input: demo.stdout })) {
        const { name, directory: where } = parseObject(line);
        if (name !== 'hosts') continue;
        directory = String(where);
        expect(whatIsLeftOf(directory)).not.toEqual([]);
        demo.kill('SIGINT');
      }
      expect(await ended).toBe(130);
      expect(directory).not.toBe('');
      expect(whatIsLeftOf(directory)).toEqual([]);
    },
    DEMO_DEADLINE_MS,
  );
});

function parseObject(line: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The laboratory's directory, processes that name it, and mounts in it. */
function whatIsLeftOf(directory: string): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandLine(name).includes(directory));
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(directory));
  return [
    ...(existsSync(directory) ? [directory] : []),
    ...processes.map((pid) => `${pid} ${commandLine(pid)}`),
    ...mounts,
  ];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It ended while it was being looked at.
    return '';
  }
}
