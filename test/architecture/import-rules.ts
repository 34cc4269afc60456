import type { Import, ImportTarget } from './import-graph.ts';

/** One rule about who may import whom. An import that no rule forbids is allowed. */
export type ImportRule = { readonly name: string; readonly allows: (found: Import) => boolean };

export type AllowedPair = { readonly from: string; readonly to: string; readonly why: string };

/** Adapters know each other only here. `from` and `to` are the beginnings of paths. */
export const ADAPTER_PAIRS: readonly AllowedPair[] = [
  { from: 'adapters/main/', to: 'adapters/', why: 'It composes the program out of all of them.' },
  { from: 'adapters/cli/', to: 'adapters/main/', why: 'The command line starts the composed program.' },
  { from: 'adapters/cli/', to: 'adapters/event-store/', why: 'An audit reads a store without starting the program.' },
  { from: 'adapters/cli/', to: 'adapters/system/', why: 'An audit needs the time to open a store.' },
  { from: 'adapters/artifacts/', to: 'adapters/libvirt/', why: 'Artifacts travel through libvirt volumes.' },
  {
    from: 'adapters/libvirt/',
    to: 'adapters/images/inspected-image-data.ts',
    why: 'No byte of an image reaches a hypervisor before its format was looked at.',
  },
  { from: 'adapters/cli/', to: 'adapters/identity/', why: 'The command line makes the hashes of an identity file.' },
  {
    from: 'adapters/identity/',
    to: 'adapters/http/identity',
    why: 'Who is asking is a question of HTTP alone, so its ports stand beside the routes.',
  },
  {
    from: 'adapters/simulated/',
    to: 'adapters/images/verified-image-bytes.ts',
    why: 'The simulated image service refuses altered bytes just as the real ones do.',
  },
];

/** The starter looks for the pinned Node and then runs the program it was asked for. */
const COMPUTED_IMPORT_IN = 'adapters/cli/bin.mjs';
const COMPOSITION = 'adapters/main/';

/** The rules of docs/decisions, as allow lists: what is not named is forbidden. `dependencies` are package.json's. */
export function importRules(dependencies: readonly string[]): readonly ImportRule[] {
  return [
    { name: 'domain/ imports nothing but domain/', allows: onlyFilesOf('domain/', ['domain/']) },
    {
      name: 'application/ imports nothing but domain/ and application/',
      allows: onlyFilesOf('application/', ['domain/', 'application/']),
    },
    { name: 'an adapter imports another adapter only where the pair is named', allows: adapterMayImport },
    { name: 'nothing imports test/', allows: ({ target }) => !isFileBelow(target, 'test/') },
    {
      name: 'inversify is imported only in adapters/main/',
      allows: ({ from, target }) => !isPackage(target, 'inversify') || from.startsWith(COMPOSITION),
    },
    {
      name: 'production code imports only dependencies of package.json',
      allows: ({ target }) => target.kind !== 'package' || dependencies.includes(target.name),
    },
    {
      name: 'a module of Node is imported with its prefix',
      allows: ({ target }) => target.kind !== 'node' || target.name.startsWith('node:'),
    },
    { name: 'every relative import names a file that exists', allows: ({ target }) => target.kind !== 'missing' },
    {
      name: 'an import names its module',
      allows: ({ from, target }) => target.kind !== 'computed' || from === COMPUTED_IMPORT_IN,
    },
  ];
}

/** A sentence for each import that a rule forbids. */
export function violationsOf(imports: readonly Import[], rules: readonly ImportRule[]): readonly string[] {
  return imports.flatMap((found) =>
    rules
      .filter((rule) => !rule.allows(found))
      .map((rule) => `${found.from}:${found.line} -> ${nameOf(found.target)}: ${rule.name}`),
  );
}

export function isAllowedBy({ from, to }: AllowedPair, found: Import): boolean {
  return found.from.startsWith(from) && isFileBelow(found.target, to);
}

function onlyFilesOf(folder: string, allowed: readonly string[]): ImportRule['allows'] {
  return ({ from, target }) => !from.startsWith(folder) || allowed.some((beginning) => isFileBelow(target, beginning));
}

function adapterMayImport(found: Import): boolean {
  if (!found.from.startsWith('adapters/') || !isFileBelow(found.target, 'adapters/')) return true;
  const own = `${found.from.split('/').slice(0, 2).join('/')}/`;
  return isFileBelow(found.target, own) || ADAPTER_PAIRS.some((pair) => isAllowedBy(pair, found));
}

function isFileBelow(target: ImportTarget, beginning: string): boolean {
  return target.kind === 'file' && target.path.startsWith(beginning);
}

function isPackage(target: ImportTarget, name: string): boolean {
  return target.kind === 'package' && target.name === name;
}

function nameOf(target: ImportTarget): string {
  if (target.kind === 'computed') return 'a computed name';
  return target.kind === 'file' || target.kind === 'missing' ? target.path : target.name;
}
