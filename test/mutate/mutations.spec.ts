import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from './mutations.ts';

describe('the planted bugs', () => {
  it('have names of their own', () => {
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  });

  // `npm run mutate` finds this out too, but takes an hour.
  it.each(MUTATIONS)('$name can be planted', async ({ file, find }) => {
    const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
    expect(text.split(find)).toHaveLength(2);
  });
});
