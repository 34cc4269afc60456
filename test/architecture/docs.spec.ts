import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GENERATED_BLOCKS, withBlock } from '../check/generated-blocks.ts';
import { deadReferencesOf, type Nameable } from './docs-rules.ts';
import { listFiles, readText } from './source-tree.ts';

const DECISIONS = 'docs/decisions/';
const files = listFiles();
const pages = files.filter((path) => path.endsWith('.md')).map((path) => ({ path, text: readText(path) }));
const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(readText('package.json')));
const nameable: Nameable = { files: new Set(files), scripts: new Set(Object.keys(scripts)) };

describe('the pages', () => {
  it('name only files and scripts that exist', () => {
    expect(pages.length).toBeGreaterThan(3);
    expect(pages.flatMap((page) => deadReferencesOf(page, nameable))).toEqual([]);
  });

  it.each(GENERATED_BLOCKS)('say in $page what the code says ("npm run docs" writes it)', (block) => {
    const page = readText(block.page);
    expect(page).toBe(withBlock(page, block));
  });

  it('list every decision', () => {
    const decisions = files.filter((path) => path.startsWith(DECISIONS) && path !== `${DECISIONS}README.md`);
    const list = readText(`${DECISIONS}README.md`);
    expect(decisions.length).toBeGreaterThan(5);
    expect(decisions.filter((path) => !list.includes(`(${path.slice(DECISIONS.length)})`))).toEqual([]);
  });
});

describe('a page that is wrong', () => {
  it.each([
    ['a link to a file that is gone', 'see [the rule](../domain/gone.ts)', 'links to ../domain/gone.ts'],
    ['a link with an anchor to a page that is gone', '[x](gone.md#why)', 'links to gone.md#why'],
    ['a file in code that is gone', 'in `domain/gone.ts`', 'names domain/gone.ts'],
    ['a folder in code that is gone', 'in `adapters/gone/`', 'names adapters/gone/'],
    ['a script that does not exist', 'run `npm run gone`', 'runs gone'],
  ])('is seen by %s', (_what, text, expected) => {
    expect(deadReferencesOf({ path: 'docs/a.md', text }, nameable)).toEqual([`docs/a.md ${expected}`]);
  });

  it('is not one that links outside, to an anchor, to a folder or to a file', () => {
    const text = '[a](https://example.org/x) [b](#why) [c](../adapters/http) [d](../package.json) `domain/` npm test';
    expect(deadReferencesOf({ path: 'docs/a.md', text }, nameable)).toEqual([]);
  });

  it('is seen by a generated part that was changed by hand, and one without its marks', () => {
    const block = { page: 'docs/a.md', name: 'a', generate: () => 'new' };
    const page = 'before\n<!-- generated: a -->\n\nold\n\n<!-- end: a -->\nafter';
    expect(withBlock(page, block)).toBe(page.replace('old', 'new'));
    expect(withBlock('no marks', block)).toBeNull();
    expect(withBlock(`${page}${page}`, block)).toBeNull();
  });
});
