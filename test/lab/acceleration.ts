import { createHash } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labCacheDirectory } from './guest-images.ts';
import { provideGuestKernel } from './guest-kernel.ts';
import { provideGuestRamdisks } from './guest-ramdisk.ts';
import { makeTemporaryDirectory } from './temporary-directory.ts';
import { waitUntil } from './wait-until.ts';

/** The `type` of a libvirt domain is 'kvm' for the first and 'qemu' for the second. */
export type Acceleration = 'kvm' | 'tcg';

// Real KVM prints the kernel's first line within a few hundred milliseconds of the start, also on a busy machine; where
// guests hang before that line, waiting for the whole boot would only make every first run slower.
const FIRST_LINE_DEADLINE_MS = 3_000;
const BOOT_DEADLINE_MS = 8_000;
const KVM_DEVICE = '/dev/kvm';
const KERNEL_SAYS = 'Linux version';
const GUEST_SAYS = 'LAB PROBE';

/**
 * Whether guests really run with KVM here, found out by booting one: /dev/kvm exists, opens, and lets libvirt report a
 * running domain also on machines where an ordinary kernel never gets to its first line. Takes at most 8 s, and the
 * answer is kept until the machine's next boot. Never throws; whatever goes wrong means 'tcg', which always works.
 */
export async function detectAcceleration(cacheDirectory: string = labCacheDirectory()): Promise<Acceleration> {
  if (!isKvmAccessible()) return 'tcg';
  try {
    const answerPath = join(cacheDirectory, `acceleration-${await machineDigest()}`);
    const known = (await readFile(answerPath, 'utf8').catch(() => '')).trim();
    if (known === 'kvm' || known === 'tcg') return known;
    const answer = await bootWithKvm(cacheDirectory);
    await remember(answerPath, answer);
    return answer;
  } catch {
    return 'tcg';
  }
}

function isKvmAccessible(): boolean {
  try {
    accessSync(KVM_DEVICE, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function machineDigest(): Promise<string> {
  const processor = await readFile('/proc/cpuinfo', 'utf8');
  const lines = processor.split('\n').filter((line) => /^(model name|flags|microcode)\s/.test(line));
  const version = await readFile('/proc/version', 'utf8');
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const hash = createHash('sha256').update(JSON.stringify([[...new Set(lines)], version, bootId]));
  return hash.digest('hex').slice(0, 16);
}

async function bootWithKvm(cacheDirectory: string): Promise<Acceleration> {
  const kernel = await provideGuestKernel(cacheDirectory);
  const ramdisks = await provideGuestRamdisks(cacheDirectory, kernel);
  const directory = makeTemporaryDirectory(join(tmpdir(), 'lb-kvm-'));
  const consolePath = join(directory.path, 'console');
  const argv = ['-accel', 'kvm', '-machine', 'pc', '-m', '128', '-nodefaults', '-display', 'none', '-no-reboot'];
  const append = 'console=ttyS0 earlyprintk=ttyS0 lab.probe';
  const boot = ['-kernel', kernel.kernelPath, '-initrd', ramdisks.stock, '-append', append];
  const guest = spawn('qemu-system-x86_64', [...argv, ...boot, '-serial', `file:${consolePath}`], { stdio: 'ignore' });
  const kill = (): boolean => guest.kill('SIGKILL');
  process.once('exit', kill);
  // A qemu that cannot be started or refuses KVM leaves an empty console, which answers the question.
  guest.on('error', () => {});
  try {
    const says = async (text: string): Promise<'said' | 'ended' | null> => {
      // Asked before the console is read, so that the last words of a guest that powers off are not missed.
      const ended = guest.exitCode !== null || guest.signalCode !== null || guest.pid === undefined;
      const console = await readFile(consolePath, 'latin1').catch(() => '');
      if (console.includes(text)) return 'said';
      return ended ? 'ended' : null;
    };
    const first = await waitUntil(() => says(KERNEL_SAYS), { deadlineMs: FIRST_LINE_DEADLINE_MS });
    if (first !== 'said') return 'tcg';
    const rest = await waitUntil(() => says(GUEST_SAYS), { deadlineMs: BOOT_DEADLINE_MS - FIRST_LINE_DEADLINE_MS });
    return rest === 'said' ? 'kvm' : 'tcg';
  } finally {
    kill();
    process.removeListener('exit', kill);
    directory.remove();
  }
}

async function remember(answerPath: string, answer: Acceleration): Promise<void> {
  const staging = makeTemporaryDirectory(`${answerPath}.`);
  await writeFile(join(staging.path, 'answer'), `${answer}\n`);
  await rename(join(staging.path, 'answer'), answerPath);
  staging.remove();
}
