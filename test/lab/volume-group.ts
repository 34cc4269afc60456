import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createPool } from './storage-pool.ts';
import type { LabHost } from './lab-host.ts';
import type { Lab } from './two-hosts.ts';

const STAND_IN = new URL('./volume-group.sh', import.meta.url).pathname;
const COMMANDS = ['lvs', 'vgs', 'pvs', 'lvcreate', 'lvremove', 'lvchange', 'vgchange', 'vgscan'];

/** Null when there can be one here; otherwise the reason. */
export function whyNoVolumeGroup(): string | null {
  if (!existsSync('/dev/loop-control')) return 'This machine has no loop devices (/dev/loop-control)';
  const knowsOverlays = readFileSync('/proc/filesystems', 'utf8').includes('\toverlay\n');
  return knowsOverlays ? null : 'This machine has no overlay file systems (/proc/filesystems)';
}

/**
 * A volume group on block devices that both hosts of a laboratory reach, with a logical pool of each host's libvirt on
 * it. The devices are loop devices and real; of LVM there is a stand-in only (`volume-group.sh`), since LVM itself needs
 * a device mapper in the kernel.
 */
export class VolumeGroup {
  /** The target path of the pools. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
    process.once('exit', this.remove);
  }

  /** `suffix` tells the groups of one laboratory apart. Whoever makes one calls `remove` before the laboratory stops. */
  static async on(lab: Lab, suffix: string): Promise<VolumeGroup> {
    const missing = whyNoVolumeGroup();
    if (missing !== null) throw new Error(missing);
    const name = `${basename(lab.directory)}-${suffix}`.toLowerCase().replaceAll(/[^a-z0-9-]/g, '');
    const group = new VolumeGroup(join('/dev', name));
    mkdirSync(group.path);
    const groups = join(lab.directory, 'groups');
    mkdirSync(join(groups, name), { recursive: true });
    const commands = standIns(lab);
    for (const host of lab.hosts) {
      await provideCommands(host, commands, groups);
      const source = `<source><name>${name}</name><format type='lvm2'/></source>`;
      await createPool(host, { type: 'logical', name, source, path: group.path });
    }
    return group;
  }

  /** The devices are the machine's, and would stay when the hosts are gone. Runs on 'exit' by itself. */
  readonly remove = (): void => {
    process.removeListener('exit', this.remove);
    for (const name of readdirSync(this.path)) {
      execFileSync('losetup', ['--detach', readlinkSync(join(this.path, name))]);
    }
    rmSync(this.path, { recursive: true });
  };
}

/** A directory with a link for each command. */
function standIns(lab: Lab): string {
  const commands = join(lab.directory, 'lvm');
  if (existsSync(commands)) return commands;
  mkdirSync(commands);
  for (const command of COMMANDS) symlinkSync(STAND_IN, join(commands, command));
  return commands;
}

/** libvirt calls them by their paths, so the host sees them among its own. */
async function provideCommands(host: LabHost, commands: string, groups: string): Promise<void> {
  const facts = join(dirname(dirname(host.facts.logPath)), 'etc', 'volume-groups');
  if (existsSync(facts)) return;
  writeFileSync(facts, groups);
  const overlay = ['mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=${commands}:/usr/sbin`, '/usr/sbin'];
  const mounted = await host.run(overlay);
  if (mounted.outcome !== 'exited' || mounted.exitCode !== 0) throw new Error(JSON.stringify(mounted));
}
