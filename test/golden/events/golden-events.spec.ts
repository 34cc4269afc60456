import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeEvent, encodeEvent } from '../../../adapters/event-store/event-codec.ts';
import { currentVersion, EVENT_REGISTRY } from '../../../adapters/event-store/event-registry.ts';

/** `event` is what the stored text means today; the stored half of a file never changes again. */
const goldenFile = z.strictObject({
  stored: z.strictObject({ type: z.string(), schemaVersion: z.int(), data: z.string() }),
  event: z.looseObject({ type: z.string() }),
});

/** `<Type>.v<version>.json`, or `<Type>.v<version>.<variant>.json` for an event of several shapes. */
const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));
const golden = names.map((name) => ({
  name,
  ...goldenFile.parse(JSON.parse(readFileSync(`${import.meta.dirname}/${name}`, 'utf8'))),
}));

/** Of the stored half, which never changes; what it means today may. */
const digestOf = ({ stored: { type, schemaVersion, data } }: (typeof golden)[number]): string =>
  createHash('sha256').update(`${type}\n${schemaVersion}\n${data}`).digest('hex');

/** One line for each file. A line is added with its file, and then neither is ever changed or taken away. */
const locked = readFileSync(`${import.meta.dirname}/stored.sha256`, 'utf8').split('\n').slice(0, -1);

describe('golden events', () => {
  it('are never changed and never go: each is what stored.sha256 says, and for a new one it says so too', () => {
    expect(golden.map((file) => `${digestOf(file)}  ${file.name}`).toSorted(byName)).toEqual(locked.toSorted(byName));
  });

  it('exist for every type in every version that was ever written, and for no other', () => {
    const expected = [...EVENT_REGISTRY].flatMap(([type, definition]) =>
      Array.from({ length: currentVersion(definition) }, (_, index) => `${type}.v${index + 1}`),
    );
    const found = names.map((name) => name.split('.').slice(0, 2).join('.'));
    expect([...new Set(found)].toSorted()).toEqual(expected.toSorted());
  });

  it.each(golden)('$name holds what its name says', ({ name, stored }) => {
    expect(name.startsWith(`${stored.type}.v${stored.schemaVersion}.`)).toBe(true);
  });

  it.each(golden)('$name is read as the event it stands for', ({ stored, event }) => {
    expect(decodeEvent(stored, 1)).toStrictEqual(event);
  });

  it.each(golden)('$name keeps its meaning when it is written again', ({ stored, event }) => {
    const again = encodeEvent(decodeEvent(stored, 1));
    expect(JSON.parse(again.data)).toStrictEqual(event);
    const definition = EVENT_REGISTRY.get(stored.type);
    if (definition !== undefined && stored.schemaVersion === currentVersion(definition)) expect(again).toEqual(stored);
  });

  it('hold every shape that a step can leave', () => {
    const steps = golden
      .filter(({ stored }) => stored.type === 'StepSucceeded')
      .map(({ event }) => z.object({ result: z.object({ step: z.string() }) }).parse(event).result.step);
    expect(steps.toSorted()).toEqual([
      'adoptAtDestination',
      'clearSource',
      'confirmSource',
      'migrateGuest',
      'prepareDestination',
      'selectDestination',
      'stageArtifacts',
    ]);
  });
});

const byName = (a: string, b: string): number => (a.slice(DIGEST_CHARACTERS) < b.slice(DIGEST_CHARACTERS) ? -1 : 1);
const DIGEST_CHARACTERS = 64;
