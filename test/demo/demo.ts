import type { Lab } from '../lab/two-hosts.ts';
import { DemoFailure, NEXT_LOOK_AT_LOGS } from './demo-failure.ts';
import { readDemoOptions, type DemoOptions } from './demo-options.ts';
import type { DemoOutput } from './demo-output.ts';
import type { DemoServer } from './demo-server.ts';
import { EndingSignals, EXIT_CODES } from './ending-signals.ts';
import { JsonOutput } from './json-output.ts';
import { performDemo } from './perform-demo.ts';
import { TextOutput } from './text-output.ts';

const KEEP_ALIVE_INTERVAL_MS = 60_000;

const answer = readDemoOptions(process.argv.slice(2));
if (answer.answer === 'told') process.exitCode = answer.exitCode;
else await main(answer.options);

async function main(options: DemoOptions): Promise<void> {
  const output = options.json ? new JsonOutput() : new TextOutput();
  const signals = new EndingSignals((signal) => {
    output.interrupted(signal);
    // Everything that was started has an 'exit' listener that ends it, so no moment is a bad one for leaving.
    process.exit(EXIT_CODES[signal]);
  });
  // Whoever read the output is gone, as after `| head`: there is nobody left to prove anything to.
  process.stdout.on('error', () => process.exit(1));
  let lab: Lab | null = null;
  let server: DemoServer | null = null;
  try {
    const started = {
      lab: (begun: Lab): void => void (lab = begun),
      server: (begun: DemoServer): void => void (server = begun),
    };
    const result = await performDemo(output, started);
    process.exitCode = result.ok ? 0 : 1;
    if (options.keep) {
      tellHowToLookAround(output, result.server, lab, server);
      const keepAlive = setInterval(() => {}, KEEP_ALIVE_INTERVAL_MS);
      await signals.next();
      clearInterval(keepAlive);
    }
  } catch (error) {
    process.exitCode = 1;
    output.fail(asFailure(error), await logsOf(lab, server));
  }
  await clearAway(output, lab, server);
  signals.stopListening();
}

function tellHowToLookAround(output: DemoOutput, id: string, lab: Lab | null, server: DemoServer | null): void {
  if (lab === null || server === null) return;
  const hosts = lab.hosts.map(({ facts }) => `  virsh -c '${facts.connectionUri}' list --all`);
  output.note(`
Everything is left standing until Ctrl-C. To look around:
  curl -s -H 'OpenStack-API-Version: compute 2.105' ${server.url}/v2.1/servers/${id}
  curl -s ${server.url}/v2.1/servers/${id}/os-instance-actions
  node adapters/cli/bin.mjs audit show ${id} --store ${server.storeUrl}
${hosts.join('\n')}`);
}

async function clearAway(output: DemoOutput, lab: Lab | null, server: DemoServer | null): Promise<void> {
  try {
    await server?.stop();
    await lab?.stop();
  } catch (error) {
    process.exitCode = 1;
    const why = error instanceof Error ? error.message : String(error);
    const next = 'End the processes named above by their pids.';
    output.fail(new DemoFailure({ what: 'Not everything could be cleared away.', why, next }), '');
  }
}

async function logsOf(lab: Lab | null, server: DemoServer | null): Promise<string> {
  const hosts = await Promise.all((lab?.hosts ?? []).map((host) => host.logTail()));
  return [...(server === null ? [] : [await server.logTail()]), ...hosts].join('\n');
}

function asFailure(error: unknown): DemoFailure {
  if (error instanceof DemoFailure) return error;
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new DemoFailure({ what: 'The demo cannot go on.', why, next: NEXT_LOOK_AT_LOGS });
}
