import { Command } from 'commander';
import { addAuditCommand } from './audit-command.ts';
import { addComputeCommand } from './compute-command.ts';
import { addApiCommand } from './api-command.ts';
import { addEventsCommand } from './events-command.ts';
import { addIdentityCommand } from './identity-command.ts';
import { addMigrationCommands } from './migration-commands.ts';
import { addServeCommand } from './serve-command.ts';
import { addServerCommands } from './server-commands.ts';
import { addStoreCommand } from './store-command.ts';
import { addSimulatedCloudCommand } from './simulated-cloud-command.ts';
import { addViewsCommands } from './views-command.ts';

const program = new Command('lifeboat')
  .description(
    'Event-sourced compute control plane for libvirt/KVM hosts that speaks the OpenStack Compute API\n' +
      'and live migrates a server while it is rescued.',
  )
  .showHelpAfterError('(lifeboat --help tells more)');
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

try {
  await program.parseAsync();
} catch (error) {
  console.error(`lifeboat: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
