#!/usr/bin/env node
// TypeScript runs as it is on Node 24, which is installed beside the program; on an older Node this hands over to it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('lifeboat.ts', import.meta.url));
const major = Number(process.versions.node.split('.')[0]);
if (major >= 24) {
  await import(program);
} else {
  const node = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
  if (!existsSync(node)) {
    console.error(`Lifeboat needs Node 24 or newer; this is ${process.version}. Run npm ci, which brings one along.`);
    process.exit(1);
  }
  const { status, signal } = spawnSync(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(signal === null ? status : 1);
}
