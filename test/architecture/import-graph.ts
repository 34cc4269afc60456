import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import type { SourceFile } from './source-tree.ts';
import { childOf, lineOf, literalOf, nodesOf, parseSource, type SyntaxNode } from './syntax-tree.ts';

/** What an import names: a file of the repository, a package, a module of Node, nothing that exists, or a computed value. */
export type ImportTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'missing'; readonly path: string }
  | { readonly kind: 'computed' };

export type Import = { readonly from: string; readonly line: number; readonly target: ImportTarget };

/** Every static, re-exporting, dynamic and type import, `require` included. `known` are the paths that exist. */
export function importsOf(source: SourceFile, known: ReadonlySet<string>): readonly Import[] {
  return [...nodesOf(parseSource(source))].flatMap((node) => {
    const specifier = specifierNode(node);
    if (specifier === null) return [];
    const value = literalOf(specifier);
    const target = typeof value === 'string' ? resolve(source.path, value, known) : ({ kind: 'computed' } as const);
    return [{ from: source.path, line: lineOf(source, node), target }];
  });
}

/** Chains of files that import each other, each told once, with its first file repeated at the end. */
export function cyclesIn(imports: readonly Import[]): readonly (readonly string[])[] {
  const next = new Map<string, Set<string>>();
  for (const { from, target } of imports) {
    if (target.kind === 'file') next.set(from, (next.get(from) ?? new Set()).add(target.path));
  }
  const done = new Set<string>();
  const cycles: (readonly string[])[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt !== -1) cycles.push([...trail.slice(seenAt), path]);
    if (seenAt !== -1 || done.has(path)) return;
    for (const following of next.get(path) ?? []) visit(following, [...trail, path]);
    done.add(path);
  };
  for (const path of next.keys()) visit(path, []);
  return cycles;
}

function specifierNode(node: SyntaxNode): SyntaxNode | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return childOf(node, 'source');
    case 'TSExternalModuleReference':
      return childOf(node, 'expression');
    case 'CallExpression':
      return childOf(node, 'callee')?.['name'] === 'require' ? firstArgument(node) : null;
    default:
      return null;
  }
}

function firstArgument(node: SyntaxNode): SyntaxNode | null {
  const [first] = Array.isArray(node['arguments']) ? node['arguments'] : [];
  return childOf({ ...node, first }, 'first');
}

function resolve(from: string, specifier: string, known: ReadonlySet<string>): ImportTarget {
  if (specifier.startsWith('.')) {
    const path = posix.join(posix.dirname(from), specifier);
    return known.has(path) ? { kind: 'file', path } : { kind: 'missing', path };
  }
  const builtin = specifier.replace(/^node:/, '');
  if (specifier.startsWith('node:') || builtinModules.includes(builtin)) return { kind: 'node', name: specifier };
  const parts = specifier.split('/');
  return { kind: 'package', name: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') };
}
