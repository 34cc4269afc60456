import { differencesTable } from '../conformance/differences-table.ts';
import { leftOutTable } from '../tempest/left-out-table.ts';
import { configurationTable } from './configuration-table.ts';
import { exampleBlock } from './example-block.ts';
import { liveMigrateTable } from './live-migrate-table.ts';
import { sagaDiagram } from './saga-diagram.ts';

/** A part of a page that is made from the code, between two marks that name it. */
export type GeneratedBlock = { readonly page: string; readonly name: string; readonly generate: () => string };

export const GENERATED_BLOCKS: readonly GeneratedBlock[] = [
  {
    page: 'docs/consume-events.md',
    name: 'example',
    generate: () => exampleBlock('test/examples/instance-action-view.ts'),
  },
  { page: 'docs/saga.md', name: 'saga', generate: sagaDiagram },
  { page: 'docs/live-migrate-a-rescued-server.md', name: 'answers', generate: liveMigrateTable },
  { page: 'docs/tempest.md', name: 'left out', generate: leftOutTable },
  { page: 'docs/conformance.md', name: 'differences', generate: differencesTable },
  { page: 'docs/configuration.md', name: 'keys', generate: configurationTable },
];

/** The page with its block made anew; null when the marks are not there exactly once, in order. */
export function withBlock(page: string, { name, generate }: GeneratedBlock): string | null {
  const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
  const [before, rest, ...more] = page.split(begin);
  const [old, after, ...moreAfter] = rest?.split(end) ?? [];
  if (before === undefined || old === undefined || after === undefined) return null;
  if (more.length > 0 || moreAfter.length > 0) return null;
  return `${before}${begin}\n\n${generate()}\n\n${end}${after}`;
}
