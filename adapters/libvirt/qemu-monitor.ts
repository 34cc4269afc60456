import { z } from 'zod';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { QEMU_DOMAIN_MONITOR_COMMAND } from './rpc/qemu-procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

/** The emulator answers within milliseconds, or hangs. */
export const EMULATOR_DEADLINE_MS = 5000;

/** What a command answers that tells nothing. */
export const DONE = z.object({ return: z.object({}) });

type Command = { readonly execute: string; readonly arguments?: object };

/** One command to the emulator behind libvirt's back, which taints the guest. Fails where the operator wants none. */
export async function askMonitor<Answer>(
  host: LibvirtHost,
  domain: RemoteDomain,
  command: Command,
  answer: z.ZodType<Answer>,
): Promise<Outcome<Answer>> {
  if (!host.options.mayUseMonitor) return failed(`${host.options.host}: monitor commands are switched off`);
  const args = { domain, command: JSON.stringify(command), flags: 0 };
  const said = await host.connections.call(QEMU_DOMAIN_MONITOR_COMMAND, args, EMULATOR_DEADLINE_MS);
  if (said.outcome !== 'succeeded') return outcomeOf(said, `${command.execute} in the monitor of ${domain.name}`);
  const read = answer.safeParse(jsonOrNull(said.value));
  return read.success ? succeeded(read.data) : failed(`${command.execute}: QEMU answers ${said.value.slice(0, 200)}`);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
