import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from 'node:os';
import { describe, expect, it } from 'vitest';
import { LinuxProcessWitness } from '../../../adapters/system/linux-process-witness.ts';

const PRINT_IDENTITY = `import { LinuxProcessWitness } from '${new URL('../../../adapters/system/linux-process-witness.ts', import.meta.url).href}';
process.stdout.write(new LinuxProcessWitness().identity ?? '');
process.stdin.resume();`;

describe.runIf(platform() === 'linux')('LinuxProcessWitness', () => {
  it('says that a process is gone when it is, and not a moment before; of others it knows nothing', async () => {
    const witness = new LinuxProcessWitness();
    const child = spawn(process.execPath, ['--input-type=module', '-e', PRINT_IDENTITY], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [identity] = await once(child.stdout, 'data');
    expect(witness.isSurelyGone(String(identity))).toBe(false);
    child.kill('SIGSTOP');
    expect(witness.isSurelyGone(String(identity))).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(witness.isSurelyGone(String(identity))).toBe(true);
    const [, ...sameNumber] = String(identity).split(' ');
    expect(witness.isSurelyGone(['another-kernel', ...sameNumber].join(' '))).toBe(false);
    expect(witness.isSurelyGone(witness.identity ?? '')).toBe(false);
    expect(witness.isSurelyGone(`${witness.identity}0`)).toBe(true);
  });
});
