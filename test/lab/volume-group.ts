import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { requireCommand } from './run-command.ts';
import type { Lab } from './two-hosts.ts';

const STAND_IN = new URL('./volume-group.sh', import.meta.url).pathname;
const COMMANDS = ['lvs', 'vgs', 'pvs', 'lvcreate', 'lvremove', 'lvchange', 'vgchange', 'vgscan'];
const COMMAND_DEADLINE_MS = 10_000;

/**
 * A volume group on block devices that all hosts of a laboratory reach, with a logical pool of each host's libvirt on
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

  /** One for each laboratory. Whoever makes it calls `remove` before the laboratory stops. */
  static async on(lab: Lab): Promise<VolumeGroup> {
    const name = basename(lab.directory)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '');
    const group = new VolumeGroup(join('/dev', name));
    mkdirSync(group.path);
    const [commands, groups] = ['lvm', 'groups'].map((directory) => join(lab.directory, directory));
    if (commands === undefined || groups === undefined) throw new Error('two directories were named');
    for (const directory of [commands, join(groups, name)]) mkdirSync(directory, { recursive: true });
    for (const command of COMMANDS) symlinkSync(STAND_IN, join(commands, command));
    for (const host of lab.hosts) {
      writeFileSync(join(dirname(dirname(host.facts.logPath)), 'etc', 'volume-groups'), groups);
      const overlay = ['mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=${commands}:/usr/sbin`, '/usr/sbin'];
      const mounted = await host.run(overlay);
      if (mounted.outcome !== 'exited' || mounted.exitCode !== 0) throw new Error(JSON.stringify(mounted));
      const definition = join(lab.directory, 'volume-group.xml');
      const source = `<source><name>${name}</name><format type='lvm2'/></source>`;
      writeFileSync(
        definition,
        `<pool type='logical'><name>servers</name>${source}<target><path>${group.path}</path></target></pool>`,
      );
      const argv = ['virsh', '-c', host.facts.connectionUri, 'pool-create', definition];
      await requireCommand(argv, { deadlineMs: COMMAND_DEADLINE_MS });
    }
    return group;
  }

  /** Names of the volumes, sorted. */
  volumes(): readonly string[] {
    return readdirSync(this.path).toSorted();
  }

  /** The devices are the machine's, and would stay when the hosts are gone. Runs on 'exit' by itself. */
  readonly remove = (): void => {
    process.removeListener('exit', this.remove);
    for (const name of this.volumes()) {
      execFileSync('losetup', ['--detach', readlinkSync(join(this.path, name))]);
    }
    rmSync(this.path, { recursive: true });
  };
}
