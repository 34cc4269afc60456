import type { Instant } from '../../domain/shared/ids.ts';

/** `2026-11-23T08:15:07Z`: `created` and `updated` of servers and images. */
export const inSeconds = (at: string): string => `${at.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;

/** `2026-11-23T08:15:07.123000`: everywhere else; Nova leaves the zone, which is UTC, out. */
export const inMicroseconds = (at: string): string => `${at.replace(/Z$/, '')}000`;

/** `at` with the part below a second set to zero. */
export const truncatedToSeconds = (at: Instant): string => `${at.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}.000Z`;

/** Milliseconds since 1970 of a client's ISO 8601 time; null when it is none. Without a zone it is UTC. */
export function parseTime(text: string): number | null {
  const parts = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text);
  if (parts === null) return null;
  const zoned = parts[1] === undefined && text.length > 'YYYY-MM-DD'.length ? `${text}Z` : text;
  const milliseconds = Date.parse(zoned);
  return Number.isNaN(milliseconds) ? null : milliseconds;
}
