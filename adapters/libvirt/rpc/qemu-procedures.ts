import { int32, struct, text } from './codec.ts';
import { QEMU_PROGRAM } from './frame.ts';
import type { Procedure } from './procedures.ts';
import { domainCodec } from './remote-objects.ts';

const commandArgs = struct({ domain: domainCodec, command: text, flags: int32 });

type CommandArgs = ReturnType<typeof commandArgs.decode>;

/**
 * One QMP command as JSON, answered as JSON, QEMU's own errors included. libvirt calls the guest tainted from then on,
 * and lets it wait for other commands; during a migration it is allowed, as a question is.
 */
export const QEMU_DOMAIN_MONITOR_COMMAND: Procedure<CommandArgs, string> = {
  program: QEMU_PROGRAM,
  number: 1,
  name: 'QEMU_DOMAIN_MONITOR_COMMAND',
  args: commandArgs,
  reply: text,
};
