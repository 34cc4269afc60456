import type { Command } from 'commander';

/** What is wrong with the words of a command is said as everything else is, and names the help of that very command. */
export function describeUsageErrors(command: Command, path = command.name()): void {
  command
    .showHelpAfterError(`(${path} --help tells more)`)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'lifeboat: ')) });
  for (const part of command.commands) describeUsageErrors(part, `${path} ${part.name()}`);
}
