import type { SourceFile } from './source-tree.ts';
import { childOf, lineOf, literalOf, nodesOf, parseSource, type SyntaxNode } from './syntax-tree.ts';

/** Says where a file breaks a rule, each place as `path:line what`; nothing when it keeps it. */
export type TidyRule = (source: SourceFile) => readonly string[];

export const LINES_MAX = 250;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;
const SAYS_NOTHING: ReadonlySet<string> = new Set(['index', 'util', 'utils', 'helper', 'helpers', 'common', 'manager']);
const LEFT_UNDONE = /\b(TODO|FIXME|XXX)\b/;
const PROMISED_ELSEWHERE: readonly (number | string)[] = [202, 409, '202', '409'];

export const namesAFileByItsConcept: TidyRule = ({ path }) => {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const words = name.split(/[-.]/);
  return KEBAB_CASE.test(name) && !words.some((word) => SAYS_NOTHING.has(word)) ? [] : [path];
};

export const isShort: TidyRule = ({ path, text }) => {
  const lines = text.split('\n').length - 1;
  return lines <= LINES_MAX ? [] : [`${path} has ${lines} lines`];
};

export const leavesNothingUndone: TidyRule = ({ path, text }) =>
  linesOf(text)
    .filter(({ line }) => LEFT_UNDONE.test(line))
    .map(({ number }) => `${path}:${number}`);

/** `place` is a path of the machine the file was written on, with slashes around it. */
export const mentions =
  (place: string): TidyRule =>
  ({ path, text }) =>
    linesOf(text)
      .filter(({ line }) => line.includes(place))
      .map(({ number }) => `${path}:${number}`);

export const exportsByName: TidyRule = (source) =>
  found(source, (node) => {
    if (node.type === 'ExportDefaultDeclaration') return 'a default export';
    return node.type === 'ExportSpecifier' && nameOf(node, 'exported') === 'default' ? 'a default export' : null;
  });

export const hasNoDecorators: TidyRule = (source) =>
  found(source, (node) => (node.type === 'Decorator' ? 'a decorator' : null));

/** 202 and 409 as a number or as text, also in a type. */
export const leavesStatusCodesAlone: TidyRule = (source) =>
  found(source, (node) => {
    const value = literalOf(node);
    return value !== null && PROMISED_ELSEWHERE.includes(value) ? String(value) : null;
  });

/** A test that waits for a guess is slow when the guess is long and fails when it is short. */
export const neverSleeps: TidyRule = (source) =>
  found(source, (node) => {
    if (node.type === 'ImportDeclaration' && literalOf(childOf(node, 'source')) === 'node:timers/promises') {
      return 'node:timers/promises';
    }
    if (node.type !== 'NewExpression' || nameOf(node, 'callee') !== 'Promise') return null;
    return [...nodesOf(node)].some(isTimer) ? 'setTimeout in a promise' : null;
  });

export const mocksNothing: TidyRule = (source) =>
  found(source, (node) => {
    if (node.type !== 'MemberExpression' || nameOf(node, 'object') !== 'vi') return null;
    return ['mock', 'doMock', 'hoisted'].includes(String(nameOf(node, 'property'))) ? 'vi.mock' : null;
  });

/** Exported functions and classes say in a doc comment what their types cannot. */
export const explainsItsExports: TidyRule = (source) =>
  found(source, (node) => {
    if (node.type !== 'ExportNamedDeclaration') return null;
    const declaration = childOf(node, 'declaration');
    if (declaration?.type !== 'FunctionDeclaration' && declaration?.type !== 'ClassDeclaration') return null;
    const before = source.text.slice(0, node.start).trimEnd();
    return before.endsWith('*/') && before.lastIndexOf('/**') > before.lastIndexOf('\n\n')
      ? null
      : String(nameOf(declaration, 'id'));
  });

/** Every place where one of the numbers is written in code; comments do not count. */
export function placesOfNumber(sources: readonly SourceFile[], number: number): readonly string[] {
  return sources.flatMap((source) => found(source, (node) => (literalOf(node) === number ? String(number) : null)));
}

function found(source: SourceFile, what: (node: SyntaxNode) => string | null): readonly string[] {
  return [...nodesOf(parseSource(source))].flatMap((node) => {
    const name = what(node);
    return name === null ? [] : [`${source.path}:${lineOf(source, node)} ${name}`];
  });
}

function isTimer(node: SyntaxNode): boolean {
  const callee = node.type === 'CallExpression' ? childOf(node, 'callee') : null;
  return (callee?.type === 'MemberExpression' ? nameOf(callee, 'property') : callee?.['name']) === 'setTimeout';
}

function nameOf(node: SyntaxNode, field: string): unknown {
  return childOf(node, field)?.['name'];
}

function linesOf(text: string): readonly { readonly line: string; readonly number: number }[] {
  return text.split('\n').map((line, index) => ({ line, number: index + 1 }));
}
