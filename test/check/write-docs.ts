import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { GENERATED_BLOCKS, withBlock } from './generated-blocks.ts';

const HELP = `npm run docs [-- --check]

Makes the generated parts of the pages in docs/ anew, between their marks:
${GENERATED_BLOCKS.map(({ page, name }) => `  ${page}: ${name}`).join('\n')}

  --check   write nothing; exit with 1 when a page is behind the code
  --help    this text`;

const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help === true) console.log(HELP);
else for (const block of GENERATED_BLOCKS) renew(block);

function renew(block: (typeof GENERATED_BLOCKS)[number]): void {
  const path = new URL(`../../${block.page}`, import.meta.url);
  const page = readFileSync(path, 'utf8');
  const renewed = withBlock(page, block);
  if (renewed === page) return;
  if (renewed !== null && values.check !== true) {
    writeFileSync(path, renewed);
    console.log(`${block.page}: ${block.name} written`);
    return;
  }
  const behind = 'is behind the code; run "npm run docs"';
  console.error(`${block.page}: ${block.name} ${renewed === null ? 'has no marks' : behind}`);
  process.exitCode = 1;
}
