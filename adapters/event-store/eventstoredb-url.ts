import { readFileSync } from 'node:fs';
import type {
  ChannelCredentialOptions,
  Credentials,
  DNSClusterOptions,
  GossipClusterOptions,
  NodePreference,
  SingleNodeOptions,
} from '@eventstore/db-client';

/** An `esdb://` URL, taken apart. The client's own parser prints the URL, password included, when it dislikes a key. */
export type EventStoreDbAddress = {
  readonly settings: DNSClusterOptions | GossipClusterOptions | SingleNodeOptions;
  readonly channel: ChannelCredentialOptions;
  readonly credentials: Credentials | undefined;
};

export const isEventStoreDbUrl = (url: string): boolean => /^(?:esdb|kurrentdb|kdb)(?:\+discover)?:/.test(url);

/** For errors and logs. Up to the last `@`, since a password that is not percent-encoded may hold anything. */
export const withoutPassword = (url: string): string => url.replace(/\/\/.*@/s, '//***@');

/** Throws an Error that says what is wrong with the URL, never what its user or password is. */
export function parseEventStoreDbUrl(url: string): EventStoreDbAddress {
  const parts = URL_PARTS.exec(url)?.groups;
  if (parts === undefined) throw new Error(`expected ${FORM}; percent-encode what is special in a password`);
  const options = parseOptions(parts['options'] ?? '');
  const { tls, tlsCaFile, userCertFile, userKeyFile, nodePreference, ...numbers } = options;
  const endpoints = (parts['hosts'] ?? '').split(',').map(parseHost);
  const [first] = endpoints;
  if (first === undefined) throw new Error(`expected ${FORM}`);
  if ((userCertFile === undefined) !== (userKeyFile === undefined)) {
    throw new Error('userCertFile and userKeyFile go together');
  }
  const discovery = { ...numbers, ...(nodePreference === undefined ? {} : { nodePreference }) };
  return {
    settings: settingsFor(parts['discover'] !== undefined, endpoints, first, discovery),
    channel: {
      insecure: tls === false,
      ...(tlsCaFile === undefined ? {} : { rootCertificate: contentOf('tlsCAFile', tlsCaFile) }),
      ...(userCertFile === undefined ? {} : { userCertFile: contentOf('userCertFile', userCertFile) }),
      ...(userKeyFile === undefined ? {} : { userKeyFile: contentOf('userKeyFile', userKeyFile) }),
    },
    credentials: parseCredentials(parts['user'], parts['password']),
  };
}

type EndPoint = { readonly address: string; readonly port: number };
type Options = {
  tls?: boolean;
  tlsCaFile?: string;
  userCertFile?: string;
  userKeyFile?: string;
  nodePreference?: NodePreference;
} & Pick<DNSClusterOptions, 'connectionName' | NumberKey>;

const FORM = 'esdb://user:password@host:port,host:port?key=value (or esdb+discover://user:password@name:port)';
const URL_PARTS =
  /^(?:esdb|kurrentdb|kdb)(?<discover>\+discover)?:\/\/(?:(?<user>[^:@/?]+):(?<password>[^@/?]+)@)?(?<hosts>[^@/?]+)\/?(?:\?(?<options>[^?]*))?$/;
const HOST = /^(?<address>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?<port>\d{1,5}))?$/;
const PORT = 2113;
const PORT_MAX = 65_535;

const NUMBERS = {
  maxdiscoverattempts: 'maxDiscoverAttempts',
  discoveryinterval: 'discoveryInterval',
  gossiptimeout: 'gossipTimeout',
  keepaliveinterval: 'keepAliveInterval',
  keepalivetimeout: 'keepAliveTimeout',
  defaultdeadline: 'defaultDeadline',
} as const;
type NumberKey = (typeof NUMBERS)[keyof typeof NUMBERS];
const PREFERENCES: Readonly<Record<string, NodePreference>> = {
  leader: 'leader',
  follower: 'follower',
  random: 'random',
  readonlyreplica: 'read_only_replica',
};

function settingsFor(
  discover: boolean,
  endpoints: readonly EndPoint[],
  first: EndPoint,
  discovery: Pick<DNSClusterOptions, 'nodePreference' | 'connectionName' | NumberKey>,
): EventStoreDbAddress['settings'] {
  if (!discover)
    return endpoints.length > 1 ? { endpoints: [...endpoints], ...discovery } : { endpoint: first, ...discovery };
  if (endpoints.length > 1) throw new Error('esdb+discover:// takes one DNS name; list several hosts after esdb://');
  return { discover: first, ...discovery };
}

function parseHost(text: string): EndPoint {
  const parts = HOST.exec(text)?.groups;
  const port = Number(parts?.['port'] ?? PORT);
  if (parts?.['address'] === undefined || port < 1 || port > PORT_MAX) throw new Error(`expected ${FORM}`);
  return { address: parts['address'], port };
}

function parseCredentials(user: string | undefined, password: string | undefined): Credentials | undefined {
  if (user === undefined || password === undefined) return undefined;
  return { username: decoded('the user', user), password: decoded('the password', password) };
}

function parseOptions(query: string): Options {
  const options: Options = {};
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const [name = '', ...rest] = pair.split('=');
    const value = decoded(name, rest.join('='));
    readOption(options, name, value);
  }
  return options;
}

function readOption(options: Options, name: string, value: string): void {
  const key = name.toLowerCase().replace(/[_-]/g, '');
  if (key in NUMBERS) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    options[NUMBERS[key as keyof typeof NUMBERS]] = wholeNumber(name, value);
  } else if (key === 'tls') options.tls = flag(name, value);
  else if (key === 'tlscafile') options.tlsCaFile = value;
  else if (key === 'usercertfile') options.userCertFile = value;
  else if (key === 'userkeyfile') options.userKeyFile = value;
  else if (key === 'connectionname') options.connectionName = value;
  else if (key === 'nodepreference') options.nodePreference = preference(value);
  else if (key === 'tlsverifycert')
    refuseFalse(name, value, 'the client verifies in any case: name the CA, tlsCAFile=…');
  else if (key === 'throwonappendfailure') {
    refuseFalse(name, value, 'the client then tells a wrong revision of a stream that was written to in between');
  } else throw new Error(`option ${JSON.stringify(name.slice(0, OPTION_LENGTH_MAX))} is not known`);
}

const OPTION_LENGTH_MAX = 40;

function refuseFalse(name: string, value: string, why: string): void {
  if (!flag(name, value)) throw new Error(`${name}=false is not possible: ${why}`);
}

function flag(name: string, value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new Error(`${name} is true or false`);
  return value === 'true';
}

function wholeNumber(name: string, value: string): number {
  if (!/^-?\d{1,9}$/.test(value)) throw new Error(`${name} is a whole number`);
  return Number(value);
}

function preference(value: string): NodePreference {
  const known = PREFERENCES[value.toLowerCase().replace(/[_-]/g, '')];
  if (known === undefined) throw new Error('nodePreference is leader, follower, random or readOnlyReplica');
  return known;
}

function decoded(name: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`${name} is not percent-encoded as it should be`);
  }
}

function contentOf(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
