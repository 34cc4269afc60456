import type { ServerRow } from '../../../application/views/servers-view.ts';
import { taskStateOf } from '../../../domain/instance/instance-state.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import type { ComputeRequest } from '../compute-route.ts';
import { matchesLinearly } from '../linear-pattern.ts';
import { changedBetween } from '../query-rules.ts';
import { powerStateNumber } from '../representations/server-status.ts';
import { AVAILABILITY_ZONE } from '../representations/service.ts';
import { supports } from '../supports.ts';
import { wordAsBoolean } from './server-query.ts';

type Filter = (row: ServerRow) => boolean;

type Matcher = {
  readonly matches: (row: ServerRow, wanted: string) => boolean;
  /** The minor microversion from which owners may use it as well; null: administrators only. */
  readonly forOwnersSince: number | null;
};

const owners = (since: number, matches: Matcher['matches']): Matcher => ({ matches, forOwnersSince: since });
const administrators = (matches: Matcher['matches']): Matcher => ({ matches, forOwnersSince: null });

/** A Map, since the names come from the client. What a caller may not use is ignored, as in Nova. */
const FILTERS: ReadonlyMap<string, Matcher> = new Map([
  ['name', owners(1, nameMatches)],
  ['image', owners(1, (row, wanted) => row.images.imageId === wanted)],
  ['flavor', owners(1, (row, wanted) => row.flavor.id === wanted)],
  ['reservation_id', owners(1, (row, wanted) => textMatches(row.options.reservationId ?? '', wanted))],
  ['ip', owners(1, () => false)],
  ['ip6', owners(5, () => false)],
  ['tags', owners(26, (row, wanted) => tagsIn(wanted).every((tag) => row.tags.includes(tag)))],
  ['tags-any', owners(26, (row, wanted) => tagsIn(wanted).some((tag) => row.tags.includes(tag)))],
  ['not-tags', owners(26, (row, wanted) => !tagsIn(wanted).every((tag) => row.tags.includes(tag)))],
  ['not-tags-any', owners(26, (row, wanted) => !tagsIn(wanted).some((tag) => row.tags.includes(tag)))],
  ['locked', owners(73, (row, wanted) => row.locked === wordAsBoolean(wanted))],
  ['availability_zone', owners(83, (row, wanted) => row.host !== null && wanted === AVAILABILITY_ZONE)],
  ['config_drive', owners(83, ({ options }, wanted) => wordAsBoolean(wanted) === (options.configDrive ?? false))],
  ['key_name', owners(83, (row, wanted) => textMatches(row.options.keyName ?? '', wanted))],
  ['power_state', owners(83, (row, wanted) => String(powerStateNumber(row)) === wanted)],
  ['task_state', owners(83, (row, wanted) => taskStateOf(row) === wanted.toLowerCase())],
  ['vm_state', owners(83, (row, wanted) => row.vmState === wanted.toLowerCase())],
  ['user_id', owners(83, (row, wanted) => row.owner.userId === wanted)],
  ['display_name', administrators(nameMatches)],
  ['description', administrators(descriptionMatches)],
  ['display_description', administrators(descriptionMatches)],
  ['host', administrators((row, wanted) => row.host === wanted)],
  ['node', administrators((row, wanted) => textMatches(row.host ?? '', wanted))],
  ['hostname', administrators((row, wanted) => textMatches(row.details.hostname ?? '', wanted))],
  ['image_ref', administrators((row, wanted) => row.images.imageId === wanted)],
  ['kernel_id', administrators((row, wanted) => textMatches(row.images.kernelId ?? '', wanted))],
  ['ramdisk_id', administrators((row, wanted) => textMatches(row.images.ramdiskId ?? '', wanted))],
  ['launch_index', administrators((row, wanted) => String(row.options.launchIndex) === wanted)],
  ['uuid', administrators((row, wanted) => row.instanceId === wanted.toLowerCase())],
  ['project_id', administrators((row, wanted) => row.owner.projectId === wanted)],
  ['tenant_id', administrators((row, wanted) => row.owner.projectId === wanted)],
  ['access_ip_v4', administrators((row, wanted) => textMatches(row.details.accessIpV4 ?? '', wanted))],
  ['access_ip_v6', administrators((row, wanted) => textMatches(row.details.accessIpV6 ?? '', wanted))],
]);

/** The filters of the query beside status and project. Empty values filter nothing. */
export function serverFilters({ query, context, microversion }: ComputeRequest): readonly Filter[] {
  const named = [...query].flatMap(([name, wanted]): readonly Filter[] => {
    const filter = FILTERS.get(name);
    if (filter === undefined || wanted === '') return [];
    const mayUse = context.isAdmin || (filter.forOwnersSince !== null && supports(microversion, filter.forOwnersSince));
    return mayUse ? [(row) => filter.matches(row, wanted)] : [];
  });
  return [...named, deletedFilter(query, context.isAdmin), changedFilter(query, microversion)];
}

const tagsIn = (wanted: string): readonly string[] => wanted.split(',');

function descriptionMatches({ details }: ServerRow, wanted: string): boolean {
  return textMatches(details.description ?? '', wanted);
}

/** Deleted servers are shown to administrators who ask for them, and to everybody who asks what has changed. */
function deletedFilter(query: URLSearchParams, isAdmin: boolean): Filter {
  const wanted = isAdmin ? wordAsBoolean(query.get('deleted') ?? '') : null;
  const byStatus = query.getAll('status').some((status) => status.toUpperCase() === 'DELETED');
  if (wanted === true || byStatus) return ({ existence }) => existence === 'deleted';
  if (wanted === null && query.has('changes-since')) return () => true;
  return ({ existence }) => existence === 'present';
}

/** Before 2.66 nobody could ask for what was changed before a moment. */
function changedFilter(query: URLSearchParams, microversion: Microversion): Filter {
  if (!query.has('changes-since') && !query.has('changes-before')) return () => true;
  const { since, before: asked } = changedBetween(query);
  const before = supports(microversion, 66) ? asked : Number.POSITIVE_INFINITY;
  return ({ updatedAt }) => Date.parse(updatedAt) >= since && Date.parse(updatedAt) <= before;
}

/** Nova matches a regular expression in the database; one that is none here counts as a part of the text. */
function textMatches(name: string, wanted: string): boolean {
  return matchesLinearly(wanted, name) ?? name.includes(wanted);
}

function nameMatches({ name }: ServerRow, wanted: string): boolean {
  return textMatches(name, wanted);
}
