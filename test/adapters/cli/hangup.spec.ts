import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const DEADLINE_MS = 20_000;
const LIFEBOAT = new URL('../../../adapters/cli/lifeboat.ts', import.meta.url).pathname;
const OLD = 73;
const NEW = 74;

describe('a running lifeboat that is told to hang up', () => {
  let directory: string;
  let configuration: string;
  let lifeboat: ChildProcess | null = null;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lifeboat-hangup-'));
    configuration = join(directory, 'lifeboat.json');
  });

  afterEach(() => {
    lifeboat?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  const configure = (serviceVersion: number): void => {
    const hosts = [{ name: 'compute-1', serviceVersion }];
    const settings = {
      listen: { port: 0 },
      store: 'memory:',
      hypervisor: 'simulated',
      images: { kind: 'simulated' },
      hosts,
    };
    writeFileSync(configuration, JSON.stringify(settings));
  };

  it(
    'reads its configuration again, so that an upgraded fleet needs no restart',
    { timeout: DEADLINE_MS },
    async () => {
      configure(OLD);
      lifeboat = spawn(process.execPath, [LIFEBOAT, 'serve', '--config', configuration], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const lines = createInterface({ input: lifeboat.stderr ?? process.stdin })[Symbol.asyncIterator]();
      await lineWith(lines, 'The Compute API is at');
      configure(NEW);
      lifeboat.kill('SIGHUP');
      expect(await lineWith(lines, 'was read again')).toContain('The configuration was read again.');
    },
  );
});

async function lineWith(lines: AsyncIterator<string>, text: string): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`lifeboat ended before it said "${text}"`);
    if (value.includes(text)) return value;
  }
}
