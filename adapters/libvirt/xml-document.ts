import { DOMParser, XMLSerializer, type Document, type Element } from '@xmldom/xmldom';

/** libvirt's own limit for a string on the wire is 4 MiB; a definition of a guest has some ten KiB. */
export const XML_CHARACTERS_MAX = 1_048_576;

const ELEMENT_NODE = 1;
const TEXT_NODE = 3;

export type { Document, Element };

/**
 * Parses a document that came from libvirt or from the log. Throws for anything that is not well-formed, too large, or
 * carries a DOCTYPE: entities have no place in a definition, only in an attack.
 */
export function parseXml(text: string): Document {
  if (text.length > XML_CHARACTERS_MAX) throw new Error(`an XML document of ${text.length} characters is too large`);
  if (/<!DOCTYPE/i.test(text)) throw new Error('an XML document with a DOCTYPE is refused');
  return new DOMParser({ onError: throwAtOnce }).parseFromString(text, 'text/xml');
}

// The parser's default only prints a warning and goes on with a document that nobody wrote.
function throwAtOnce(level: string, message: string): never {
  throw new Error(`XML ${level}: ${message}`);
}

export function serializeXml(document: Document): string {
  return new XMLSerializer().serializeToString(document);
}

/** An element on its own, as libvirt wants it for a question about a part of a definition. */
export function serializeElement(element: Element): string {
  return new XMLSerializer().serializeToString(element);
}

/** An element as data. Text is escaped by the serializer. */
export type XmlTree = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlTree | string)[];
};

/** `xml('target', { dev: 'vda' })`; children are elements or text. */
export function xml(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (XmlTree | string)[]
): XmlTree {
  return { name, attributes, children };
}

export function buildXml(tree: XmlTree): Document {
  const document = parseXml(`<${rootName(tree.name)}/>`);
  const root = rootOf(document);
  fill(document, root, tree);
  return document;
}

/** A new element of `document`, not yet placed in it. */
export function elementOf(document: Document, tree: XmlTree): Element {
  const element = document.createElement(tree.name);
  fill(document, element, tree);
  return element;
}

function fill(document: Document, element: Element, { attributes, children }: XmlTree): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const child of children) {
    element.appendChild(typeof child === 'string' ? document.createTextNode(child) : elementOf(document, child));
  }
}

function rootName(name: string): string {
  if (!/^[a-z]+$/.test(name)) throw new Error(`not an element name of libvirt: ${name}`);
  return name;
}

export function rootOf(document: Document): Element {
  const root = document.documentElement;
  if (root === null) throw new Error('an XML document without a root element');
  return root;
}

/** Direct children of that name, in order. */
export function childrenOf(parent: Element, name: string): readonly Element[] {
  const found: Element[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    if (isElement(node) && node.nodeName === name) found.push(node);
  }
  return found;
}

/** Every element below, at any depth, in document order. */
export function descendantsOf(parent: Element): readonly Element[] {
  const found: Element[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    if (isElement(node)) found.push(node, ...descendantsOf(node));
  }
  return found;
}

/** The first element reached by direct children of these names, or null. */
export function find(parent: Element, ...path: readonly string[]): Element | null {
  let element: Element | null = parent;
  for (const name of path) {
    element = element === null ? null : (childrenOf(element, name)[0] ?? null);
  }
  return element;
}

/** Null when there is no such attribute. */
export function attribute(element: Element | null, name: string): string | null {
  return element === null || !element.hasAttribute(name) ? null : element.getAttribute(name);
}

/** Takes the white space before it along, so that no empty line stays. */
export function remove(element: Element): void {
  const before = element.previousSibling;
  if (before?.nodeType === TEXT_NODE && before.nodeValue?.trim() === '') element.parentNode?.removeChild(before);
  element.parentNode?.removeChild(element);
}

function isElement(node: { readonly nodeType: number }): node is Element {
  return node.nodeType === ELEMENT_NODE;
}
