import { parseAst } from 'vitest/node';
import type { SourceFile } from './source-tree.ts';

/** A node of the parser's tree, as plain data. */
export type SyntaxNode = { readonly type: string; readonly start: number; readonly end: number } & Readonly<
  Record<string, unknown>
>;

/** Parses TypeScript and JavaScript alike; throws for what is neither. */
export function parseSource({ path, text }: SourceFile): SyntaxNode {
  const program: unknown = parseAst(text, { lang: path.endsWith('ts') ? 'ts' : 'js' }, path);
  if (!isSyntaxNode(program)) throw new Error(`parseSource: no syntax tree for ${path}`);
  return program;
}

/** The node and all nodes below it, in no particular order. */
export function* nodesOf(root: SyntaxNode): Generator<SyntaxNode> {
  const left: SyntaxNode[] = [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    yield node;
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isSyntaxNode(child)) left.push(child);
    }
  }
}

/** A child node by its field's name, or null. */
export function childOf(node: SyntaxNode, field: string): SyntaxNode | null {
  const child = node[field];
  return isSyntaxNode(child) ? child : null;
}

/** The value of a literal node; null for any other node, and for none. */
export function literalOf(node: SyntaxNode | null): string | number | null {
  const value = node?.type === 'Literal' ? node['value'] : null;
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

export function lineOf({ text }: SourceFile, node: SyntaxNode): number {
  return text.slice(0, node.start).split('\n').length;
}

function isSyntaxNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
