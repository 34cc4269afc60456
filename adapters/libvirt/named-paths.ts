import { parseXml, rootOf, type Element } from './xml-document.ts';

const ELEMENT_NODE = 1;
const TEXT_NODE = 3;

/** Every text and attribute value of a definition: whatever it names, in whichever element, is among them. */
export function namedIn(definition: string): ReadonlySet<string> {
  const named = new Set<string>();
  collect(rootOf(parseXml(definition)), named);
  return named;
}

function collect(element: Element, named: Set<string>): void {
  for (const { value } of Array.from(element.attributes)) named.add(value);
  for (let node = element.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType === TEXT_NODE) named.add((node.nodeValue ?? '').trim());
    if (isElement(node)) collect(node, named);
  }
}

function isElement(node: { readonly nodeType: number }): node is Element {
  return node.nodeType === ELEMENT_NODE;
}
