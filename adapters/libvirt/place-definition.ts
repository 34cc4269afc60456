import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { diskNameOf } from './disk-names.ts';
import type { NetworkAttachment, UefiFiles } from './host-devices.ts';
import {
  attribute,
  childrenOf,
  descendantsOf,
  elementOf,
  find,
  parseXml,
  rootOf,
  serializeXml,
  xml,
  type Document,
  type Element,
} from './xml-document.ts';

/** What of a definition is the host's own, and what stands for it on the host that is to run it. */
export type DefinitionPlace = {
  readonly instanceId: string;
  readonly instancesPath: string;
  /** Where this host has the storage pool that servers' disks lie in; null: it has none, and their paths stay. */
  readonly disksPath?: string | null;
  readonly listenAddress: string;
  readonly uefi: UefiFiles;
  /** By MAC address in lower case: every interface that the server is known to have. */
  readonly interfaces: ReadonlyMap<string, NetworkAttachment>;
};

/**
 * The definition as it has to read on one host (nova.md O); for the guest that migrates and for `unrescue.xml` alike.
 * What is replaced is told by what stays the same everywhere: an interface by its MAC address, a file by its place in
 * the server's directory, a screen by its type. So the text may come from any host, and twice is as good as once.
 * Everything that the guest can see, and everything that this function does not know, stays as it is; a definition that
 * needs no change is given back letter for letter. Fails for an interface that is not one of the server's.
 */
export function placeDefinition(definition: string, place: DefinitionPlace): Outcome<string> {
  const document = parseXml(definition);
  const before = serializeXml(document);
  const domain = rootOf(document);
  const refusal = placeInterfaces(document, domain, place);
  if (refusal !== null) return failed(refusal);
  placeFiles(domain, place);
  placeFirmware(domain, place);
  placeListeners(domain, place);
  const after = serializeXml(document);
  return succeeded(after === before ? definition : after);
}

/** Interfaces that are a device of the host: there is nothing to plug in elsewhere, and the pre-check refuses them. */
const HOST_INTERFACES: readonly string[] = ['hostdev', 'vdpa'];

function placeInterfaces(document: Document, domain: Element, { interfaces }: DefinitionPlace): string | null {
  const devices = find(domain, 'devices');
  for (const element of devices === null ? [] : childrenOf(devices, 'interface')) {
    if (HOST_INTERFACES.includes(attribute(element, 'type') ?? '')) continue;
    const mac = attribute(find(element, 'mac'), 'address')?.toLowerCase() ?? null;
    const attachment = mac === null ? undefined : interfaces.get(mac);
    if (attachment === undefined) return `the interface ${mac ?? 'without a MAC address'} is none of the server's`;
    plug(document, element, attachment);
  }
  return null;
}

/** What a source says of the host: `portid`, and `bridge` beside `network`, are added by libvirt while the guest runs. */
const SOURCE_ATTRIBUTES: readonly string[] = ['network', 'bridge', 'dev', 'mode', 'portid'];

function plug(document: Document, element: Element, { kind, name }: NetworkAttachment): void {
  const source = find(element, 'source') ?? elementOf(document, xml('source'));
  if (source.parentNode === null) element.appendChild(source);
  for (const known of SOURCE_ATTRIBUTES) if (known !== kind) source.removeAttribute(known);
  source.setAttribute(kind, name);
  element.setAttribute('type', kind);
}

/** Elements whose text, and elements whose attributes, name a file of the host; nothing of it is seen by the guest. */
const FILE_TEXTS: readonly string[] = ['kernel', 'initrd', 'nvram'];
const FILE_ELEMENTS: readonly string[] = ['source', 'log', 'nvram'];
const FILE_ATTRIBUTES: readonly string[] = ['file', 'path', 'dev', 'dir'];
/** Where a host keeps the images that disks are layered on, beside the servers' directories. */
const IMAGE_CACHE = '_base';

function placeFiles(domain: Element, { instanceId, instancesPath, disksPath = null }: DefinitionPlace): void {
  const elements = ['os', 'devices'].flatMap((name) => childrenOf(domain, name)).flatMap(descendantsOf);
  const inServerDirectory = `/${instanceId}/`;
  const rootsFound = new Set<string>();
  const moved = (path: string): string => {
    const at = path.lastIndexOf(inServerDirectory);
    if (at < 0) return disksPath === null ? path : pooledAt(disksPath, path, instanceId);
    rootsFound.add(path.slice(0, at));
    return `${instancesPath}${path.slice(at)}`;
  };
  eachFile(elements, moved);
  // Only now is it known which directory the text speaks of.
  eachFile(elements, (path) => {
    const root = [...rootsFound].find((found) => path.startsWith(`${found}/${IMAGE_CACHE}/`));
    return root === undefined ? path : `${instancesPath}${path.slice(root.length)}`;
  });
}

const pooledAt = (disksPath: string, path: string, instanceId: string): string =>
  diskNameOf(path, instanceId) === null ? path : `${disksPath}${path.slice(path.lastIndexOf('/'))}`;

function eachFile(elements: readonly Element[], moved: (path: string) => string): void {
  for (const element of elements) {
    if (FILE_TEXTS.includes(element.nodeName) && childless(element)) {
      const path = element.textContent ?? '';
      if (moved(path) !== path) element.textContent = moved(path);
    }
    for (const name of FILE_ELEMENTS.includes(element.nodeName) ? FILE_ATTRIBUTES : []) {
      const path = attribute(element, name);
      if (path !== null) element.setAttribute(name, moved(path));
    }
  }
}

const childless = (element: Element): boolean => descendantsOf(element).length === 0;

/** A loader that only starts what is signed is none that the operator has named: it stays, and is checked like a device. */
function placeFirmware(domain: Element, { uefi }: DefinitionPlace): void {
  const os = find(domain, 'os');
  const loader = os === null ? null : find(os, 'loader');
  if (os === null || attribute(loader, 'type') !== 'pflash' || attribute(loader, 'secure') === 'yes') return;
  if (loader !== null && loader.textContent !== uefi.loader) loader.textContent = uefi.loader;
  const nvram = find(os, 'nvram');
  if (attribute(nvram, 'template') !== null) nvram?.setAttribute('template', uefi.nvramTemplate);
}

const SCREENS: readonly string[] = ['vnc', 'spice'];
const CONSOLES: readonly string[] = ['serial', 'console'];

function placeListeners(domain: Element, { listenAddress }: DefinitionPlace): void {
  const devices = find(domain, 'devices');
  if (devices === null) return;
  for (const graphics of childrenOf(devices, 'graphics')) {
    if (!SCREENS.includes(attribute(graphics, 'type') ?? '')) continue;
    if (attribute(graphics, 'listen') !== null) graphics.setAttribute('listen', listenAddress);
    for (const listen of childrenOf(graphics, 'listen')) {
      if (attribute(listen, 'type') === 'address') listen.setAttribute('address', listenAddress);
    }
  }
  for (const console of CONSOLES.flatMap((name) => childrenOf(devices, name))) {
    const source = find(console, 'source');
    // A console that calls out (`mode='connect'`) calls the same address from everywhere.
    if (attribute(console, 'type') === 'tcp' && attribute(source, 'mode') === 'bind') {
      source?.setAttribute('host', listenAddress);
    }
  }
}
