import type { LabHostFacts } from '../lab/lab-host.ts';
import { command } from './rounds.ts';

/** How long a guest stood still when it came to this host, as libvirt counts it. */
export async function completedDowntimeMs(id: string, host: LabHostFacts): Promise<number> {
  const query = ['-c', host.connectionUri, 'domjobinfo', '--completed', '--rawstats', `instance-${id}`];
  const info = await command('virsh', ...query);
  const found = /^downtime: (\d+)/m.exec(info)?.[1] ?? /Total downtime:\s+(\d+)/.exec(info)?.[1];
  if (found === undefined) throw new Error(`virsh tells no downtime:\n${info}`);
  return Number(found);
}
