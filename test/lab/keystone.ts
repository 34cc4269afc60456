import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { KEYSTONE_PACKAGES, missingPackages } from './requirements.ts';
import { requireCommand } from './run-command.ts';
import { endWithThisProcess, signalGroup } from './running-commands.ts';
import { makeTemporaryDirectory } from './temporary-directory.ts';
import { waitUntil } from './wait-until.ts';

const COMMAND_DEADLINE_MS = 120_000;
const START_DEADLINE_MS = 60_000;
const POLL_INTERVAL_MS = 100;

export type Keystone = {
  /** With `/v3`. */
  readonly authUrl: string;
  readonly adminPassword: string;
  readonly stop: () => Promise<void>;
};

/** Null when a Keystone can be started here; otherwise the reason, for whoever reads a skipped test. */
export async function whyNoKeystone(): Promise<string | null> {
  const missing = await missingPackages(KEYSTONE_PACKAGES);
  return missing.length === 0 ? null : `Debian packages are missing: ${missing.join(' ')}`;
}

/** A real Keystone on SQLite with its first administrator, project and region, gone with `stop` or with this process. */
export async function startKeystone(): Promise<Keystone> {
  const directory = makeTemporaryDirectory('/tmp/lifeboat-keystone-');
  const adminPassword = 'an admin password for this test';
  const port = await freePort();
  const authUrl = `http://127.0.0.1:${port}/v3`;
  const configuration = `${directory.path}/keystone.conf`;
  writeFileSync(configuration, configurationIn(directory.path));
  for (const keys of ['fernet-keys', 'credential-keys']) mkdirSync(`${directory.path}/${keys}`, { mode: 0o700 });
  const owner = ['--keystone-user', String(process.getuid?.()), '--keystone-group', String(process.getgid?.())];
  const bootstrap = ['--bootstrap-password', adminPassword, '--bootstrap-public-url', authUrl];
  for (const step of [
    ['db_sync'],
    ['fernet_setup', ...owner],
    ['credential_setup', ...owner],
    ['bootstrap', ...bootstrap, '--bootstrap-region-id', 'RegionOne'],
  ]) {
    await requireCommand(['keystone-manage', '--config-file', configuration, ...step], {
      deadlineMs: COMMAND_DEADLINE_MS,
    });
  }
  const serving = ['--port', String(port), '--host', '127.0.0.1', '--', '--config-file', configuration];
  const child = spawn('keystone-wsgi-public', serving, { detached: true, stdio: 'ignore' });
  endWithThisProcess(child, 'SIGKILL');
  const ended = once(child, 'close');
  const answers = async (): Promise<true | null> =>
    fetch(authUrl).then(
      ({ ok }) => (ok ? true : null),
      () => null,
    );
  const isUp = await waitUntil(answers, { deadlineMs: START_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS });
  const stop = async (): Promise<void> => {
    signalGroup(child, 'SIGKILL');
    await ended;
    directory.remove();
  };
  if (isUp !== null) return { authUrl, adminPassword, stop };
  await stop();
  throw new Error(`Keystone did not answer within ${START_DEADLINE_MS} ms`);
}

function configurationIn(directory: string): string {
  return `[DEFAULT]
log_file = ${directory}/keystone.log
[database]
connection = sqlite:///${directory}/keystone.db
[fernet_tokens]
key_repository = ${directory}/fernet-keys
[credential]
key_repository = ${directory}/credential-keys
[token]
provider = fernet
[identity]
password_hash_rounds = 4
[cache]
enabled = false
`;
}

/** Free a moment ago: nothing on this machine takes one of these by itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
