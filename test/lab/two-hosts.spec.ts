import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isGone } from './host-processes.ts';
import { labAvailability } from './requirements.ts';
import { runCommand } from './run-command.ts';
import { startTwoHosts, type Lab } from './two-hosts.ts';

const UP_DEADLINE_MS = 60_000;
const STEP_DEADLINE_MS = 60_000;

const availability = await labAvailability();
if (!availability.available) console.warn(`SKIPPED test/lab/two-hosts.spec.ts. ${availability.reason}`);

describe.skipIf(!availability.available)('two libvirt hosts on one machine', () => {
  let directory: string;
  let lab: Lab;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'lb-'));
    lab = await startTwoHosts({ directory, names: ['lab-a', 'lab-b'], extraDirectories: ['images'] });
  }, UP_DEADLINE_MS);

  afterAll(async () => {
    await lab.stop();
    rmdirSync(directory);
  }, STEP_DEADLINE_MS);

  it('answers on each host under its own name, with no guests', async () => {
    for (const { facts } of lab.hosts) {
      expect(await virsh(facts.connectionUri, 'hostname')).toBe(facts.name);
      expect(await virsh(facts.connectionUri, 'list', '--all', '--name')).toBe('');
    }
  });

  it('lets one host reach the other, until the link is cut and after it is healed', async () => {
    const [first, second] = lab.hosts;
    const reach = async (): Promise<string> => {
      const connect = `exec 3<>/dev/tcp/${second.facts.migrationAddress}/16509 && echo reached`;
      const result = await first.run(['timeout', '2', 'bash', '-c', connect]);
      return result.outcome === 'exited' ? result.stdout.trim() : result.outcome;
    };
    expect(await reach()).toBe('reached');
    await lab.cutLink();
    expect(await reach()).toBe('');
    await lab.healLink();
    expect(await reach()).toBe('reached');
  });

  it('gives each host its own content at the same path', async () => {
    const [first, second] = lab.hosts;
    expect(first.facts.instancesPath).toBe(second.facts.instancesPath);
    await first.run(['touch', join(first.facts.instancesPath, 'only-on-a')]);
    expect(readdirSync(first.facts.instancesPathOutside)).toEqual(['only-on-a']);
    expect(readdirSync(second.facts.instancesPathOutside)).toEqual([]);
    await second.run(['touch', join(directory, 'images', 'only-on-b')]);
    expect(second.facts.directories.map(({ outside }) => readdirSync(outside))).toEqual([['only-on-b']]);
  });

  it('kills one libvirtd and starts it again, while the other answers', async () => {
    const [first, second] = lab.hosts;
    const before = first.libvirtdPid();
    await first.killLibvirtd('SIGKILL');
    expect(first.libvirtdPid()).toBeNull();
    expect(await virsh(second.facts.connectionUri, 'hostname')).toBe('lab-b');
    await first.startLibvirtd();
    expect(first.libvirtdPid()).not.toBe(before);
    expect(await virsh(first.facts.connectionUri, 'hostname')).toBe('lab-a');
  });

  it('stands beside a second laboratory with the same addresses, which leaves nothing when it stops', async () => {
    const other = await startTwoHosts({ directory: null, names: ['lab-a', 'lab-b'] });
    const pids = other.hosts.flatMap((host) => host.processes().map(({ pid }) => pid));
    expect(pids.length).toBeGreaterThanOrEqual(4);
    expect(other.hosts[0].facts.migrationAddress).toBe(lab.hosts[0].facts.migrationAddress);
    await Promise.all([other.stop(), other.stop()]);
    expect(pids.filter((pid) => !isGone(pid))).toEqual([]);
    expect(existsSync(other.directory)).toBe(false);
    expect(await virsh(lab.hosts[0].facts.connectionUri, 'hostname')).toBe('lab-a');
  });

  it('is gone at once after killNow, as when the process exits', async () => {
    const other = await startTwoHosts({ directory: null, names: ['lab-c', 'lab-d'], subnet: '10.78.0' });
    const pids = other.hosts.flatMap((host) => host.processes().map(({ pid }) => pid));
    other.killNow();
    expect(pids.filter((pid) => !isGone(pid))).toEqual([]);
    expect(existsSync(other.directory)).toBe(false);
    await other.stop();
  });

  it('refuses a directory that holds another laboratory, and leaves that one alone', async () => {
    await expect(startTwoHosts({ directory, names: ['lab-a', 'lab-b'] })).rejects.toThrow('another laboratory');
    expect(await virsh(lab.hosts[0].facts.connectionUri, 'hostname')).toBe('lab-a');
  });

  it('leaves no process and no file after stop', async () => {
    const pids = lab.hosts.flatMap((host) => host.processes().map(({ pid }) => pid));
    await lab.stop();
    expect(pids.filter((pid) => !isGone(pid))).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });
});

async function virsh(uri: string, ...argv: readonly string[]): Promise<string> {
  const result = await runCommand(['virsh', '-c', uri, ...argv], { deadlineMs: STEP_DEADLINE_MS });
  return result.outcome === 'exited' && result.exitCode === 0 ? result.stdout.trim() : JSON.stringify(result);
}
