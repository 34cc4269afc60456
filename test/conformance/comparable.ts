import type { Aliases } from './aliases.ts';
import { UUID } from './aliases.ts';
import type { Reply } from '../support/http-exchange.ts';

/** What is left to compare of an answer once nothing volatile is in it. */
export type Comparable = {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: unknown;
};

/** Of the connection, and of the moment; a request id only has to be there, twice and the same. */
const VOLATILE_HEADERS: readonly string[] = ['connection', 'keep-alive', 'date', 'content-length', 'server'];
const REQUEST_ID_HEADERS: readonly string[] = ['x-openstack-request-id', 'x-compute-request-id'];

const COUNTERS: readonly string[] = [
  'progress',
  'memory_total_bytes',
  'memory_processed_bytes',
  'memory_remaining_bytes',
  'disk_total_bytes',
  'disk_processed_bytes',
  'disk_remaining_bytes',
];
/** What a hypervisor host says of itself: its type is compared, and not what this host happens to be. */
const HOST_FACTS: readonly string[] = [
  'hypervisor_type',
  'hypervisor_version',
  'host_ip',
  'cpu_info',
  'vcpus_used',
  'memory_mb_used',
  'local_gb_used',
  'free_ram_mb',
  'free_disk_gb',
  'running_vms',
  'disk_available_least',
];

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?$/;

export function comparableReply(reply: Reply, aliases: Aliases): Comparable {
  const headers = Object.fromEntries([...reply.headers].filter(([name]) => !VOLATILE_HEADERS.includes(name)));
  return {
    status: reply.status,
    headers: withoutRequestIds(headers),
    body: scrubbed(parsed(reply.text), aliases),
  };
}

/** `text`: the recorded body in our names. */
export function comparableRecording(
  recorded: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string },
  aliases: Aliases,
): Comparable {
  const headers = Object.entries(recorded.headers)
    .map(([name, value]) => [name.toLowerCase(), aliases.translated(value).split(' || ')] as const)
    .filter(([name]) => !VOLATILE_HEADERS.includes(name));
  return {
    status: recorded.status,
    headers: withoutRequestIds(Object.fromEntries(headers)),
    body: scrubbed(parsed(recorded.text), aliases),
  };
}

function parsed(text: string): unknown {
  try {
    return text === '' ? '' : JSON.parse(text);
  } catch {
    return text;
  }
}

function withoutRequestIds(headers: Readonly<Record<string, readonly string[]>>): Comparable['headers'] {
  const ids = REQUEST_ID_HEADERS.flatMap((name) => headers[name] ?? []);
  const rest = Object.entries(headers).filter(([name]) => !REQUEST_ID_HEADERS.includes(name));
  const wellFormed = ids.length === 2 && ids[0] === ids[1] && /^req-[0-9a-f-]{36}$/.test(ids[0] ?? '');
  const told = ids.length === 0 ? [] : [['request ids', [wellFormed ? 'the same twice' : ids.join(', ')]] as const];
  return Object.fromEntries([...rest, ...told].toSorted(([one], [other]) => one.localeCompare(other)));
}

/** The value without what is volatile by clients.md: times, unknown ids, passwords, counters, tracebacks. */
function scrubbed(value: unknown, aliases: Aliases, key = ''): unknown {
  if (HOST_FACTS.includes(key)) return `<${typeof value}>`;
  if (key === 'uptime') return '<uptime>';
  if (COUNTERS.includes(key) && (typeof value === 'number' || value === null)) return '<counter>';
  if (typeof value === 'string') return scrubbedText(value, aliases, key);
  if (key === 'id' && typeof value === 'number') return '<number>';
  if (Array.isArray(value)) {
    const items = value.map((item) => scrubbed(item, aliases, key));
    return key === 'servers' ? items.toSorted(byId) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, scrubbed(item, aliases, name)]));
}

/** Servers created in the same second come in any order, and a summary does not say when they were created. */
function byId(one: unknown, other: unknown): number {
  const [first, second] = [one, other].map((item) => JSON.stringify(item) ?? '');
  return (first ?? '').localeCompare(second ?? '');
}

function scrubbedText(text: string, aliases: Aliases, key: string): string {
  if (TIME.test(text)) return text.replaceAll(/\d/g, '0');
  if (key === 'traceback') return '<text>';
  if (key === 'adminPass' && text.length === PASSWORD_CHARACTERS) return `<${PASSWORD_CHARACTERS} characters>`;
  if (key.endsWith('instance_name') || /^instance-[0-9a-f-]+$/.test(text)) return '<instance name>';
  if (key.endsWith('reservation_id') && /^r-[0-9a-z]{8}$/.test(text)) return '<reservation id>';
  const enumerated = / is not one of \[(.*)\]$/.exec(text)?.[1];
  // The recorded one comes from a set, which Python puts in another order in each process.
  if (enumerated !== undefined) return text.replace(enumerated, enumerated.split(', ').toSorted().join(', '));
  return text.replaceAll(UUID, (id) => (aliases.isOurs(id) || id === NOBODY ? id : '<uuid>'));
}

const PASSWORD_CHARACTERS = 12;
const NOBODY = '00000000-0000-0000-0000-000000000000';
