import type { ServerRow } from '../../../application/views/servers-view.ts';
import { taskStateOf } from '../../../domain/instance/instance-state.ts';
import { changedBetween } from '../query-rules.ts';
import { AVAILABILITY_ZONE } from '../representations/service.ts';
import { wordAsBoolean } from './server-query.ts';

const listOf = (text: string): readonly string[] => text.split(',');

type Filter = (row: ServerRow) => boolean;

/** What an owner may look for; the rest is for administrators and, as in Nova, ignored for everybody else. */
const FOR_OWNERS: Readonly<Record<string, (row: ServerRow, wanted: string) => boolean>> = {
  name: nameMatches,
  image: (row, wanted) => row.images.imageId === wanted,
  flavor: (row, wanted) => row.flavor.id === wanted,
  tags: ({ tags }, wanted) => listOf(wanted).every((tag) => tags.includes(tag)),
  'tags-any': ({ tags }, wanted) => listOf(wanted).some((tag) => tags.includes(tag)),
  'not-tags': ({ tags }, wanted) => !listOf(wanted).every((tag) => tags.includes(tag)),
  'not-tags-any': ({ tags }, wanted) => !listOf(wanted).some((tag) => tags.includes(tag)),
};
const FOR_ADMINISTRATORS: Readonly<Record<string, (row: ServerRow, wanted: string) => boolean>> = {
  ...FOR_OWNERS,
  display_name: nameMatches,
  host: (row, wanted) => row.host === wanted,
  image_ref: (row, wanted) => row.images.imageId === wanted,
  uuid: (row, wanted) => row.instanceId === wanted.toLowerCase(),
  user_id: (row, wanted) => row.owner.userId === wanted,
  project_id: (row, wanted) => row.owner.projectId === wanted,
  tenant_id: (row, wanted) => row.owner.projectId === wanted,
  vm_state: (row, wanted) => row.vmState === wanted.toLowerCase(),
  task_state: (row, wanted) => taskStateOf(row) === wanted.toLowerCase(),
  availability_zone: (_row, wanted) => wanted === AVAILABILITY_ZONE,
  locked: (row, wanted) => row.locked === wordAsBoolean(wanted),
  key_name: (row, wanted) => row.options.keyName === wanted,
  reservation_id: (row, wanted) => row.options.reservationId === wanted,
  ip: () => false,
  ip6: () => false,
};

/** The filters of the query beside status and project. Empty values filter nothing. */
export function serverFilters(query: URLSearchParams, isAdmin: boolean): readonly Filter[] {
  const filters = new Map(Object.entries(isAdmin ? FOR_ADMINISTRATORS : FOR_OWNERS));
  const named = [...query].flatMap(([name, wanted]): readonly Filter[] => {
    const matches = filters.get(name);
    return matches === undefined || wanted === '' ? [] : [(row) => matches(row, wanted)];
  });
  return [...named, deletedFilter(query, isAdmin), changedFilter(query)];
}

/** Deleted servers are shown to administrators who ask for them, and to everybody who asks what has changed. */
function deletedFilter(query: URLSearchParams, isAdmin: boolean): Filter {
  const wanted = isAdmin ? wordAsBoolean(query.get('deleted') ?? '') : null;
  const byStatus = query.getAll('status').some((status) => status.toUpperCase() === 'DELETED');
  if (wanted === true || byStatus) return ({ existence }) => existence === 'deleted';
  if (wanted === null && query.has('changes-since')) return () => true;
  return ({ existence }) => existence === 'present';
}

function changedFilter(query: URLSearchParams): Filter {
  const { since, before } = changedBetween(query);
  return ({ updatedAt }) => Date.parse(updatedAt) >= since && Date.parse(updatedAt) <= before;
}

/**
 * Nova matches a regular expression in the database. Here only its anchors count: an expression of the client's own
 * could keep this process busy for ever.
 */
function nameMatches({ name }: ServerRow, wanted: string): boolean {
  const fromStart = wanted.startsWith('^');
  const toEnd = wanted.endsWith('$');
  const text = wanted.slice(fromStart ? 1 : 0, toEnd ? -1 : undefined).replaceAll(/\\(.)/g, '$1');
  if (fromStart && toEnd) return name === text;
  if (fromStart) return name.startsWith(text);
  return toEnd ? name.endsWith(text) : name.includes(text);
}
