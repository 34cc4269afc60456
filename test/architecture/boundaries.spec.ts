import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cyclesIn, importsOf, type Import } from './import-graph.ts';
import { ADAPTER_PAIRS, importRules, isAllowedBy, violationsOf } from './import-rules.ts';
import { PRODUCTION_FOLDERS, readSources, readText, listFiles, type SourceFile } from './source-tree.ts';

const packageSchema = z.object({ dependencies: z.record(z.string(), z.string()) });
const manifest = packageSchema.parse(JSON.parse(readText('package.json')));
const rules = importRules(Object.keys(manifest.dependencies));

const sources = readSources(PRODUCTION_FOLDERS);
const known = new Set(listFiles());
const imports = sources.flatMap((source) => importsOf(source, known));

describe('who imports whom', () => {
  it('follows the layers: domain, application, adapters', () => {
    expect(violationsOf(imports, rules)).toEqual([]);
  });

  it('goes round in no circle', () => {
    expect(cyclesIn(imports).map((cycle) => cycle.join(' -> '))).toEqual([]);
  });

  it.each(ADAPTER_PAIRS)('needs the named pair $from -> $to', (pair) => {
    const leavesItsFolder = ({ target }: Import) => target.kind === 'file' && !target.path.startsWith(pair.from);
    const used = imports.filter((found) => isAllowedBy(pair, found) && leavesItsFolder(found));
    expect(used).not.toEqual([]);
  });
});

describe('the walk itself', () => {
  it('looks into every file of code below the three folders', () => {
    const others = /\.(md|json|sql|xml|py|toml)$/;
    const files = listFiles(PRODUCTION_FOLDERS).filter((path) => !others.test(path));
    expect(sources.map(({ path }) => path)).toEqual(files);
    expect(files.length).toBeGreaterThan(100);
  });

  it('finds as many imports as a plain search for the lines that end with one', () => {
    const line = /^(?:import|export)\b[^;'"]*?\bfrom '[^']+';|^import '[^']+';|^\s*(?:const .* = )?await import\(/gm;
    const plain = sources.flatMap(({ path, text }) => [...text.matchAll(line)].map(() => path));
    expect(imports.length).toBe(plain.length);
  });
});

describe('a planted violation', () => {
  const files = new Set([...known, 'domain/planted.ts', 'domain/other.ts']);
  const plant = (path: string, text: string): readonly string[] =>
    violationsOf(importsOf({ path, text }, files), rules).map((violation) => violation.replace(/^.*?: /, ''));

  const pure = 'domain/ imports nothing but domain/';
  const inward = 'application/ imports nothing but domain/ and application/';
  const pairs = 'an adapter imports another adapter only where the pair is named';
  const composition = 'inversify is imported only in adapters/main/';
  const dependency = 'production code imports only dependencies of package.json';

  it.each([
    ['domain/planted.ts', "import { z } from 'zod';", [pure]],
    ['domain/planted.ts', "import { randomUUID } from 'node:crypto';", [pure]],
    ['domain/planted.ts', "import type { Clock } from '../application/ports/clock.ts';", [pure]],
    ['domain/planted.ts', "export type { Clock } from '../application/ports/clock.ts';", [pure]],
    ['domain/planted.ts', "export * from '../adapters/http/links.ts';", [pure]],
    ['domain/planted.ts', "type Clock = import('../application/ports/clock.ts').Clock;", [pure]],
    ['domain/planted.ts', "const late = await import('node:fs');", [pure]],
    ['domain/planted.ts', "/* import 'zod' */ import 'pino'; // import 'fastify'", [pure]],
    ['application/planted.ts', "import { z } from 'zod';", [inward]],
    ['application/planted.ts', "import { readFile } from 'node:fs/promises';", [inward]],
    ['application/planted.ts', "import type { Wire } from '../adapters/http/links.ts';", [inward]],
    ['adapters/http/planted.ts', "import { LibvirtDriver } from '../libvirt/libvirt-driver.ts';", [pairs]],
    ['adapters/libvirt/planted.ts', "import { find } from '../images/local-image-directory.ts';", [pairs]],
    [
      'adapters/http/planted.ts',
      "import type { World } from '../../test/support/given.ts';",
      ['nothing imports test/'],
    ],
    ['adapters/http/planted.ts', "import { Container } from 'inversify';", [composition]],
    ['adapters/http/planted.ts', "import fc from 'fast-check';", [dependency]],
    ['adapters/http/planted.ts', "import { thing } from '@types/node/deep/thing.js';", [dependency]],
    ['adapters/http/planted.ts', "import { join } from 'path';", ['a module of Node is imported with its prefix']],
    [
      'adapters/http/planted.ts',
      "import { a } from './nowhere.ts';",
      ['every relative import names a file that exists'],
    ],
    ['adapters/http/planted.ts', 'await import(name);', ['an import names its module']],
    ['adapters/http/planted.ts', "const fs = require('fast-check');", [dependency]],
  ])('in %s is seen: %s', (path, text, expected) => {
    expect(plant(path, text)).toEqual(expected);
  });

  it('is not seen where there is none', () => {
    expect(plant('domain/planted.ts', "// import 'zod';\nconst text = \"import 'zod'\";")).toEqual([]);
    expect(plant('adapters/main/planted.ts', "import { Container } from 'inversify';")).toEqual([]);
  });

  it('of a circle is told with the files it leads through', () => {
    const circle: readonly SourceFile[] = [
      { path: 'domain/planted.ts', text: "import type { Other } from './other.ts';" },
      { path: 'domain/other.ts', text: "export { planted } from './planted.ts';" },
    ];
    const found = cyclesIn(circle.flatMap((source) => importsOf(source, files)));
    expect(found).toEqual([['domain/planted.ts', 'domain/other.ts', 'domain/planted.ts']]);
  });
});
