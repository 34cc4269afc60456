import type { Command } from 'commander';
import { addAuditAnchorCommands } from './audit-anchor-command.ts';
import { addAuditDiffCommand } from './audit-diff-command.ts';
import { addAuditExportCommand } from './audit-export-command.ts';
import { addAuditHistoryCommand } from './audit-history-command.ts';
import { addAuditShowCommand } from './audit-show-command.ts';
import { addAuditVerifyCommand } from './audit-verify-command.ts';

const HELP = `
All of them read the log and nothing else, and may do so while Lifeboat runs on it.

Examples:
  lifeboat audit show 5f3c… --at 2026-11-23T14:03:00Z          what was this server then?
  lifeboat audit history 5f3c…                                 who did what to it, and what did that lead to?
  lifeboat audit diff 5f3c… --from 2026-11-23 --to 2026-11-24  what is different since?
  lifeboat audit export --from 1042                            every event after that position, for another program
  lifeboat audit verify --anchor /mnt/safe/*.anchor            was the log altered?

docs/audit.md tells more.`;

/** Adds `lifeboat audit` with its commands. */
export function addAuditCommand(program: Command): void {
  const audit = program
    .command('audit')
    .description('ask the log what was, when, and who did it')
    .addHelpText('after', HELP);
  addAuditShowCommand(audit);
  addAuditHistoryCommand(audit);
  addAuditDiffCommand(audit);
  addAuditExportCommand(audit);
  addAuditVerifyCommand(audit);
  addAuditAnchorCommands(audit);
}
