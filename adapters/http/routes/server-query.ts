import type { Microversion } from '../../../domain/service-version/microversion.ts';
import type { ComputeRequest } from '../compute-route.ts';
import { badRequest, type HttpAnswer } from '../http-answer.ts';
import { pythonRepr } from '../python-repr.ts';
import { refuseQuery } from '../query-rules.ts';
import { supports } from '../supports.ts';
import { IGNORED_SORT_KEYS, NOVA_SORT_KEYS } from './sort-servers.ts';

/** Every parameter of Nova's schema. What stands for something servers here do not have (tags, networks) finds none. */
const KNOWN_SINCE: Readonly<Record<string, number>> = {
  access_ip_v4: 1,
  access_ip_v6: 1,
  all_tenants: 1,
  auto_disk_config: 1,
  availability_zone: 1,
  'changes-before': 66,
  'changes-since': 1,
  config_drive: 1,
  created_at: 1,
  deleted: 1,
  description: 1,
  display_description: 1,
  display_name: 1,
  flavor: 1,
  host: 1,
  hostname: 1,
  image: 1,
  image_ref: 1,
  ip: 1,
  ip6: 1,
  kernel_id: 1,
  key_name: 1,
  launch_index: 1,
  launched_at: 1,
  limit: 1,
  locked: 73,
  locked_by: 1,
  marker: 1,
  name: 1,
  node: 1,
  'not-tags': 26,
  'not-tags-any': 26,
  power_state: 1,
  progress: 1,
  project_id: 1,
  ramdisk_id: 1,
  reservation_id: 1,
  root_device_name: 1,
  soft_deleted: 1,
  sort_dir: 1,
  sort_key: 1,
  status: 1,
  tags: 26,
  'tags-any': 26,
  task_state: 1,
  tenant_id: 1,
  terminated_at: 1,
  user_id: 1,
  uuid: 1,
  vm_state: 1,
};
const STRICT_SINCE = 75;
/** Columns of Nova's own tables: its schema takes them, and so it does what begins with `_`; its lists do not. */
const INTERNAL_FIELDS: readonly string[] = [
  'block_device_mapping',
  'info_cache',
  'metadata',
  'pci_devices',
  'security_groups',
  'services',
  'system_metadata',
];
const isInternal = (name: string): boolean => name.startsWith('_') || INTERNAL_FIELDS.includes(name);

/** Null when the list may be made. */
export function refuseServerQuery({ query, microversion }: ComputeRequest): HttpAnswer | null {
  if (query.size === 0) return null;
  const known = Object.entries(KNOWN_SINCE)
    .filter(([, minor]) => supports(microversion, minor))
    .map(([name]) => name);
  const internal = [...query.keys()].filter(isInternal);
  const rules = { known: [...known, ...internal], strictSince: STRICT_SINCE, unknownMessage };
  return (
    refuseQuery(query, rules, microversion) ??
    refuseSortKey(query, microversion) ??
    (internal[0] === undefined ? null : badRequest(`Invalid filter field: ${internal[0]}.`)) ??
    refuseSortDirections(query) ??
    refuseWords(query, known)
  );
}

function unknownMessage(keys: readonly string[]): string {
  const verb = keys.length === 1 ? 'does' : 'do';
  return `${keys.map(pythonRepr).join(', ')} ${verb} not match any of the regexes: '^_'`;
}

/** Without a key they are sorted by one all the same, so that there may be one direction. */
function refuseSortDirections(query: URLSearchParams): HttpAnswer | null {
  const directions = query.getAll('sort_dir');
  if (directions.some((direction) => direction !== 'asc' && direction !== 'desc')) {
    return badRequest("Invalid input received: Unknown sort direction, must be 'desc' or 'asc'");
  }
  return directions.length > Math.max(query.getAll('sort_key').length, 1)
    ? badRequest('Invalid input received: Sort direction size exceeds sort key size')
    : null;
}

function refuseSortKey(query: URLSearchParams, microversion: Microversion): HttpAnswer | null {
  const isIgnored = (key: string) => IGNORED_SORT_KEYS.has(key) && !supports(microversion, STRICT_SINCE);
  const wrong = query.getAll('sort_key').find((key) => !NOVA_SORT_KEYS.includes(key) && !isIgnored(key));
  if (wrong === undefined) return null;
  const complaint = `${pythonRepr(wrong)} is not one of ${pythonRepr(NOVA_SORT_KEYS)}`;
  return badRequest(`Invalid input for query parameters sort_key. Value: ${wrong}. ${complaint}`);
}

const TRUE_WORDS: readonly string[] = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE_WORDS: readonly string[] = ['0', 'f', 'false', 'off', 'n', 'no'];

/** Null when it is neither. */
export function wordAsBoolean(word: string): boolean | null {
  const lower = word.trim().toLowerCase();
  if (TRUE_WORDS.includes(lower)) return true;
  return FALSE_WORDS.includes(lower) ? false : null;
}

function refuseWords(query: URLSearchParams, known: readonly string[]): HttpAnswer | null {
  for (const name of ['all_tenants', 'locked'].filter((parameter) => known.includes(parameter))) {
    const value = query.get(name) ?? '';
    if (value !== '' && wordAsBoolean(value) === null) {
      const acceptable = [...TRUE_WORDS, ...FALSE_WORDS].toSorted().map(pythonRepr).join(', ');
      return badRequest(`Unrecognized value ${pythonRepr(value)}, acceptable values are: ${acceptable}`);
    }
  }
  return null;
}
