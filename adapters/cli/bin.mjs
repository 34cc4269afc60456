#!/usr/bin/env node
// TypeScript runs as it is on Node 24, which is installed beside the program; on an older Node this hands over to it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('lifeboat.ts', import.meta.url));
const major = Number(process.versions.node.split('.')[0]);
if (major >= 24) {
  // Half a second of each start is compiling. What was compiled is kept inside the installation, where only who may
  // change the program can write; where that is not the user who runs it, nothing is kept.
  module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)));
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
