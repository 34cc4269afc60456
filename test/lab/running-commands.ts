import type { ChildProcess } from 'node:child_process';

/** The signal each running command gets when this process exits before it. */
const running = new Map<ChildProcess, NodeJS.Signals>();
let listening = false;

/** Commands are in process groups of their own, which a terminal's Ctrl-C does not reach: who exits must end them. */
export function endWithThisProcess(child: ChildProcess, signal: NodeJS.Signals): void {
  // First of all 'exit' listeners: the others remove directories in which a command might still be writing.
  if (!listening) process.prependListener('exit', endRunningCommands);
  listening = true;
  running.set(child, signal);
  const forget = (): void => void running.delete(child);
  child.once('close', forget);
  child.once('error', forget);
}

export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in between, which is what was wanted.
  }
}

function endRunningCommands(): void {
  for (const [child, signal] of running) signalGroup(child, signal);
}
