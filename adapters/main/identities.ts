import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../application/ports/clock.ts';
import type { Identity } from '../http/identity.ts';
import type { CatalogService, IdentityService } from '../http/identity/identity-service.ts';
import { NoAuthenticationIdentity } from '../http/no-authentication-identity.ts';
import { parseIdentityFile, type IdentityDirectory } from '../identity/identity-file.ts';
import { KeystoneIdentity } from '../identity/keystone-identity.ts';
import { StaticIdentity } from '../identity/static-identity.ts';
import type { Configuration } from './configuration.ts';

export type OpenedIdentity = {
  readonly identity: Identity;
  /** Served at `/v3`; null unless it is this server's own. */
  readonly service: IdentityService | null;
  /** Takes up what may change while running. Throws, with a sentence for the operator, and keeps what was before. */
  readonly reload: (configuration: Configuration) => void;
};

/** Who is asked who somebody is. Throws, with a sentence for the operator, when the file of users cannot be used. */
export function openIdentity(configuration: Configuration, clock: Clock): OpenedIdentity {
  const { identity, linkPrefix } = configuration;
  switch (identity.kind) {
    case 'none':
      return { identity: new NoAuthenticationIdentity(), service: null, reload: () => undefined };
    case 'static': {
      const { tokenSeconds } = identity;
      const directory = readDirectory(identity.file, configuration);
      const opened = new StaticIdentity({ directory, tokenSeconds, linkPrefix, clock });
      const reload = (next: Configuration): void => {
        if (next.identity.kind === 'static') opened.useDirectory(readDirectory(next.identity.file, next));
      };
      return { identity: opened, service: opened, reload };
    }
    case 'keystone': {
      const { passwordFile, publicUrl, ...rest } = identity;
      const password = async (): Promise<string> => (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '');
      const options = { ...rest, publicUrl: publicUrl ?? identity.authUrl, password, clock };
      return { identity: new KeystoneIdentity(options), service: null, reload: () => undefined };
    }
  }
}

function readDirectory(path: string, { images }: Configuration): IdentityDirectory {
  const read = parseIdentityFile(textOf(path));
  if (!read.valid) throw new Error(`identity.file: ${path} cannot be used\n  ${read.problems.join('\n  ')}`);
  const own: readonly CatalogService[] = [
    { type: 'identity', name: 'keystone', url: '/v3' },
    { type: 'compute', name: 'nova', url: '/v2.1' },
    { type: 'image', name: 'glance', url: images.kind === 'glance' ? images.endpoint : '/image' },
  ];
  // What the file says about a service is said by its operator, and counts more.
  const named = new Set(read.directory.services.map(({ type }) => type));
  const services = [...own.filter(({ type }) => !named.has(type)), ...read.directory.services];
  return { ...read.directory, services };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(
      `identity.file: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}
