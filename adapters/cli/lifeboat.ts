import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { addAuditCommand } from './audit-command.ts';
import { addComputeCommand } from './compute-command.ts';
import { addApiCommand } from './api-command.ts';
import { describeUsageErrors } from './describe-usage-errors.ts';
import { addEventsCommand } from './events-command.ts';
import { failureSentence } from '../system/failure-sentence.ts';
import { addIdentityCommand } from './identity-command.ts';
import { addMigrationCommands } from './migration-commands.ts';
import { addServeCommand } from './serve-command.ts';
import { addServerCommands } from './server-commands.ts';
import { addStoreCommand } from './store-command.ts';
import { addSimulatedCloudCommand } from './simulated-cloud-command.ts';
import { addViewsCommands } from './views-command.ts';

let reported = '';
const program = new Command('lifeboat')
  .description(
    'Event-sourced compute control plane for libvirt/KVM hosts that speaks the OpenStack Compute API\n' +
      'and live migrates a server while it is rescued.',
  )
  .version(versionOfThis(), '--version', 'tell the version');
addServeCommand(program);
addApiCommand(program);
addComputeCommand(program);
addSimulatedCloudCommand(program);
addAuditCommand(program);
addEventsCommand(program);
addStoreCommand(program);
addMigrationCommands(program);
addServerCommands(program);
addIdentityCommand(program);
addViewsCommands(program);
describeUsageErrors(program);

// `console.log` keeps to itself what could not be written. A reader that has gone (`… | head`) is no failure.
process.stdout.on('error', (error) => {
  if (!('code' in error) || error.code !== 'EPIPE') report(error);
});

try {
  await program.parseAsync();
} catch (error) {
  report(error);
}

/** Tells of an error once, though it comes from the output and from the command that writes there. */
function report(error: unknown): void {
  const line = `lifeboat: ${failureSentence(error)}`;
  if (line !== reported) console.error(line);
  reported = line;
  process.exitCode = 1;
}

function versionOfThis(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return z.looseObject({ version: z.string() }).parse(manifest).version;
}
