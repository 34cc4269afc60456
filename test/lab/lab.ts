import { labAvailability } from './requirements.ts';
import { startTwoHosts, type Lab } from './two-hosts.ts';

const HELP = `Two libvirt hosts on this machine, for developers.

  node test/lab/lab.ts up [directory]    start them, print how to reach them, stay until Ctrl-C
  node test/lab/lab.ts --help

Needs root and the Debian packages listed in test/lab/requirements.ts. Without a directory a new one is made in the
temporary directory; either way nothing stays behind.
`;

const KEEP_ALIVE_INTERVAL_MS = 60_000;

await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  const [command, directory, ...rest] = argv;
  if (command === '--help' || command === '-h') {
    process.stdout.write(HELP);
  } else if (command === 'up' && rest.length === 0) {
    await up(directory ?? null);
  } else {
    process.stderr.write(HELP);
    process.exitCode = 2;
  }
}

async function up(directory: string | null): Promise<void> {
  const availability = await labAvailability();
  if (!availability.available) {
    process.stderr.write(`${availability.reason}\n`);
    process.exitCode = 1;
    return;
  }
  // Before the start, so that Ctrl-C during it also runs the laboratory's own 'exit' listener.
  const signalled = firstSignal();
  const started = startTwoHosts({ directory, names: ['lab-a', 'lab-b'] });
  const lab = await Promise.race([started, signalled]);
  if (lab === null) process.exit(130);
  process.stdout.write(describe(lab));
  const keepAlive = setInterval(() => {}, KEEP_ALIVE_INTERVAL_MS);
  await signalled;
  clearInterval(keepAlive);
  await lab.stop();
  process.stdout.write('stopped, nothing left behind\n');
}

function firstSignal(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(null));
  });
}

function describe(lab: Lab): string {
  const lines = [`directory ${lab.directory}`];
  for (const host of lab.hosts) {
    const { facts } = host;
    lines.push(
      '',
      `${facts.name}  pid ${host.initPid}, ${facts.migrationAddress}`,
      `  virsh -c '${facts.connectionUri}' list --all`,
      `  nsenter -t ${host.initPid} -a                     a shell inside`,
      `  instances  ${facts.instancesPath} (inside), ${facts.instancesPathOutside} (from here)`,
      `  log        ${facts.logPath}`,
    );
  }
  return `${lines.join('\n')}\n\nCtrl-C stops both.\n`;
}
