import { readFileSync } from 'node:fs';

const BEGIN = '// region: example\n';
const END = '// end: example';
/** From a file two folders below the repository to one that stands in it. */
const UPWARDS = "'../../";

/** The region of a tested file as a page shows it, with paths as they are from the repository's own folder. */
export function exampleBlock(path: string): string {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const [, region] = text.split(BEGIN);
  const [code] = region?.split(END) ?? [];
  if (code === undefined) throw new Error(`${path} has no region for its example`);
  return `\`\`\`ts\n${code.replaceAll(UPWARDS, "'./").trim()}\n\`\`\``;
}
