import type { Image } from '../../../application/ports/image-service.ts';
import { parseTime } from '../time-format.ts';

/** Glance's own bounds of a page. */
export const PAGE_IMAGES_DEFAULT = 25;
export const PAGE_IMAGES_MAX = 1000;

export type ImagePage =
  | { readonly answer: 'page'; readonly images: readonly Image[]; readonly next: string | null }
  | { readonly answer: 'wrong'; readonly message: string };

const SORT_KEYS = {
  name: (image: Image) => image.name,
  status: (image: Image) => image.status,
  container_format: (image: Image) => image.containerFormat,
  disk_format: (image: Image) => image.diskFormat,
  size: (image: Image) => image.sizeBytes,
  id: (image: Image) => image.id,
  created_at: (image: Image) => image.createdAt,
  updated_at: (image: Image) => image.updatedAt,
} as const;

type SortKey = keyof typeof SORT_KEYS;
type Order = { readonly key: SortKey; readonly ascending: boolean };

/** What `GET /v2/images` asks for, of the images the caller may see; `next` is the marker of the page behind it. */
export function imagePage(visible: readonly Image[], query: URLSearchParams): ImagePage {
  const limit = limitIn(query);
  if (limit === null) return { answer: 'wrong', message: 'limit param must be an integer' };
  const orders = ordersIn(query);
  if (orders === null) return { answer: 'wrong', message: `Invalid sort key or direction` };
  const filters = [...query].filter(([key]) => !NOT_FILTERS.has(key));
  for (const [key, value] of filters) {
    if (TIMES.has(key) && timeFilter(value) === null) {
      return { answer: 'wrong', message: `Filter ${key} must be an operator and a time` };
    }
  }
  const matching = visible.filter((image) => filters.every(([key, value]) => matches(image, key, value)));
  const sorted = matching.toSorted((one, other) => compare(one, other, orders));
  const marker = query.get('marker');
  const before = marker === null ? -1 : sorted.findIndex(({ id }) => id === marker);
  if (marker !== null && before === -1) return { answer: 'wrong', message: 'Invalid marker' };
  const images = sorted.slice(before + 1, before + 1 + limit);
  const last = images.at(-1);
  const hasMore = before + 1 + limit < sorted.length;
  return { answer: 'page', images, next: hasMore && last !== undefined ? last.id : null };
}

const NOT_FILTERS: ReadonlySet<string> = new Set(['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'member_status']);
const TIMES: ReadonlySet<string> = new Set(['created_at', 'updated_at']);

function limitIn(query: URLSearchParams): number | null {
  const text = query.get('limit');
  if (text === null) return PAGE_IMAGES_DEFAULT;
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), PAGE_IMAGES_MAX) : null;
}

function ordersIn(query: URLSearchParams): readonly Order[] | null {
  const directions = query.getAll('sort_dir');
  const classic = query.getAll('sort_key').map((key, index) => [key, directions[index] ?? directions[0] ?? 'desc']);
  const sort = query.get('sort');
  const pairs = sort === null ? classic : sort.split(',').map((pair) => pair.split(':'));
  const orders: Order[] = [];
  for (const [key = '', direction = 'desc'] of pairs) {
    if (!isSortKey(key) || (direction !== 'asc' && direction !== 'desc')) return null;
    orders.push({ key, ascending: direction === 'asc' });
  }
  return [...orders, { key: 'created_at', ascending: false }, { key: 'id', ascending: false }];
}

const isSortKey = (key: string): key is SortKey => Object.hasOwn(SORT_KEYS, key);

function compare(one: Image, other: Image, orders: readonly Order[]): number {
  for (const { key, ascending } of orders) {
    const [first, second] = [SORT_KEYS[key](one), SORT_KEYS[key](other)];
    if (first !== second) return first < second === ascending ? -1 : 1;
  }
  return 0;
}

function matches(image: Image, key: string, value: string): boolean {
  switch (key) {
    case 'id':
      return isOneOf(image.id, value);
    case 'name':
      return isOneOf(image.name, value);
    case 'status':
      return isOneOf(image.status, value);
    case 'disk_format':
      return isOneOf(image.diskFormat, value);
    case 'container_format':
      return isOneOf(image.containerFormat, value);
    case 'visibility':
      return value === 'all' || image.visibility === value;
    case 'size_min':
      return image.sizeBytes >= Number(value);
    case 'size_max':
      return image.sizeBytes <= Number(value);
    case 'created_at':
      return timeFilter(value)?.(image.createdAt) ?? false;
    case 'updated_at':
      return timeFilter(value)?.(image.updatedAt) ?? false;
    case 'owner':
      return image.owner === value;
    case 'protected':
      return value.toLowerCase() === String(image.isProtected ?? true);
    // What no image here is: hidden, or tagged.
    case 'os_hidden':
      return value.toLowerCase() === 'false';
    case 'tag':
      return false;
    default:
      return image.properties[key] === value;
  }
}

/** `in:a,b` names several values, which may stand in quotes. */
function isOneOf(actual: string, value: string): boolean {
  if (!value.startsWith('in:')) return actual === value;
  return value
    .slice('in:'.length)
    .split(',')
    .some((one) => one.replace(/^"(.*)"$/, '$1') === actual);
}

const COMPARISONS = new Map<string, (difference: number) => boolean>([
  ['gt', (difference) => difference > 0],
  ['gte', (difference) => difference >= 0],
  ['eq', (difference) => difference === 0],
  ['neq', (difference) => difference !== 0],
  ['lte', (difference) => difference <= 0],
  ['lt', (difference) => difference < 0],
]);

/** `gte:2026-11-23T08:00:00Z`, in whole seconds as they are shown; null for what is no such text. */
function timeFilter(value: string): ((at: string) => boolean) | null {
  const [, operator, text = ''] = /^(?:([a-z]+):)?(\d{4}-.*)$/.exec(value) ?? [];
  const comparison = COMPARISONS.get(operator ?? 'eq');
  const bound = parseTime(text);
  if (comparison === undefined || bound === null) return null;
  return (at) => comparison(toSecond(Date.parse(at)) - toSecond(bound));
}

const toSecond = (milliseconds: number): number => Math.floor(milliseconds / 1000);
