import { array, assert, boolean, constantFrom, integer, oneof, property, record, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeDefinition, type DefinitionPlace } from '../../../adapters/libvirt/place-definition.ts';
import {
  buildXml,
  descendantsOf,
  parseXml,
  rootOf,
  serializeElement,
  serializeXml,
  xml,
  type Element,
  type XmlTree,
} from '../../../adapters/libvirt/xml-document.ts';
import { SERVER } from './golden-definition.ts';

const MACS = ['fa:16:3e:00:00:01', 'fa:16:3e:00:00:02', 'fa:16:3e:00:00:03'] as const;
/** Three hosts that have nothing in common. */
const PLACES = ['a', 'b', 'c'].map((name): DefinitionPlace => ({
  instanceId: SERVER,
  instancesPath: `/srv/${name}`,
  disksPath: `/dev/${name}`,
  listenAddress: `192.0.2.${name.charCodeAt(0)}`,
  uefi: { loader: `/firmware/${name}/code`, nvramTemplate: `/firmware/${name}/vars` },
  interfaces: new Map(MACS.map((mac, at) => [mac, { kind: at === 1 ? 'network' : 'bridge', name: `${name}${at}` }])),
}));
const place = constantFrom(...PLACES);
const [HOME] = PLACES;
if (HOME === undefined) throw new Error('no place');

/** What nobody has told this program about, at any place of a definition; some of it looks like what it knows. */
const UNKNOWN = [
  xml('novelty', { file: `/srv/a/${SERVER}/disk`, host: '127.0.0.1' }),
  xml('metadata', {}, xml('source', {}, `/srv/a/${SERVER}/disk`)),
  xml('hyperspace', { listen: 'everywhere' }, xml('address', { type: 'warp', slot: '0x1' }), 'text & <tags>'),
];
const unknown = array(constantFrom(...UNKNOWN), { maxLength: 2 });

const address = (slot: number): XmlTree => xml('address', { type: 'pci', bus: '0x00', slot: `0x${slot.toString(16)}` });
const slot = integer({ min: 2, max: 31 });
const file = constantFrom('disk', 'disk.rescue', 'disk.local', 'disk.config', 'kernel', 'console.log');
const inDirectory = (name: string): string => `${HOME.instancesPath}/${SERVER}/${name}`;

const disk = record({ name: file, at: slot, layered: boolean(), more: unknown }).map(({ name, at, layered, more }) =>
  xml(
    'disk',
    { type: 'file' },
    xml('source', { file: inDirectory(name) }, ...more),
    layered
      ? xml('backingStore', { type: 'file' }, xml('source', { file: `${HOME.instancesPath}/_base/2f` }))
      : xml('backingStore'),
    xml('target', { dev: `vd${name}`, bus: 'virtio' }),
    xml('serial', {}, inDirectory(name)),
    address(at),
    ...more,
  ),
);
const pooledDisk = record({ name: file, at: slot, more: unknown }).map(({ name, at, more }) =>
  xml(
    'disk',
    { type: 'block' },
    xml('source', { dev: `${HOME.disksPath}/${SERVER}_${name}` }, ...more),
    xml('target', { dev: `vd${name}`, bus: 'virtio' }),
    address(at),
  ),
);
const networkInterface = record({ mac: constantFrom(...MACS), at: slot, more: unknown }).map(({ mac, at, more }) => {
  const into = HOME.interfaces.get(mac);
  if (into === undefined) throw new Error(mac);
  const source = xml('source', { [into.kind]: into.name });
  return xml(
    'interface',
    { type: into.kind },
    xml('mac', { address: mac }),
    source,
    xml('model', { type: 'virtio' }),
    ...more,
    address(at),
  );
});
const screen = record({ type: constantFrom('vnc', 'spice'), more: unknown }).map(({ type, more }) =>
  xml(
    'graphics',
    { type, port: '-1', listen: HOME.listenAddress },
    xml('listen', { type: 'address', address: HOME.listenAddress }),
    ...more,
  ),
);
const console = constantFrom(
  xml('serial', { type: 'file' }, xml('source', { path: inDirectory('console.log') }), xml('target', { port: '0' })),
  xml('console', { type: 'pty' }, xml('log', { file: inDirectory('console.log') }), xml('target', { port: '1' })),
  xml('serial', { type: 'tcp' }, xml('source', { mode: 'bind', host: HOME.listenAddress, service: '4555' })),
);
const firmware = constantFrom<readonly XmlTree[]>(
  [],
  [
    xml('loader', { type: 'pflash', readonly: 'yes' }, HOME.uefi.loader),
    xml('nvram', { template: HOME.uefi.nvramTemplate }, inDirectory('nvram.fd')),
  ],
  [xml('loader', { type: 'rom' }, '/usr/share/seabios/bios.bin')],
);

/** Definitions as they are on the first of the three hosts. */
const definition: Arbitrary<string> = record({
  os: firmware,
  devices: array(oneof(disk, pooledDisk, networkInterface, screen, console, constantFrom(...UNKNOWN)), {
    maxLength: 8,
  }),
  more: unknown,
}).map(({ os, devices, more }) => {
  const cmdline = xml('cmdline', {}, `root=${inDirectory('disk')}`);
  const boot = [xml('kernel', {}, inDirectory('kernel')), cmdline];
  return serializeXml(
    buildXml(
      xml(
        'domain',
        { type: 'kvm' },
        xml('uuid', {}, SERVER),
        ...more,
        xml('os', {}, ...os, ...boot),
        xml('devices', {}, ...devices),
      ),
    ),
  );
});

function placed(text: string, there: DefinitionPlace): string {
  const answer = placeDefinition(text, there);
  if (answer.outcome !== 'succeeded') throw new Error(answer.reason);
  return answer.value;
}

const elementsOf = (text: string) => descendantsOf(rootOf(parseXml(text)));
/** What the guest finds its devices by, and what it is told when it boots. */
const VISIBLE: readonly string[] = ['address', 'mac', 'model', 'target', 'cmdline', 'uuid'];
const isSerialNumber = ({ nodeName, parentNode }: Element): boolean =>
  nodeName === 'serial' && parentNode?.nodeName === 'disk';
const guestVisible = (text: string): readonly string[] =>
  elementsOf(text)
    .filter((element) => VISIBLE.includes(element.nodeName) || isSerialNumber(element))
    .map(serializeElement);
const UNKNOWN_NAMES = UNKNOWN.map(({ name }) => name);
const unknownOf = (text: string): readonly string[] =>
  elementsOf(text)
    .filter(({ nodeName }) => UNKNOWN_NAMES.includes(nodeName))
    .map(serializeElement);

/** Each builds and parses whole documents. */
const RUNS = { numRuns: 40 };

describe('placing a definition', () => {
  it('a second time changes nothing', () => {
    assert(
      property(definition, place, (text, there) => {
        expect(placed(placed(text, there), there)).toBe(placed(text, there));
      }),
      RUNS,
    );
  });

  it('comes to the same whichever hosts it was on before, and back to what it was at home', () => {
    assert(
      property(definition, place, place, (text, by, there) => {
        expect(placed(placed(text, by), there)).toBe(placed(text, there));
        expect(placed(placed(text, by), HOME)).toBe(text);
      }),
      RUNS,
    );
  });

  it('changes nothing that the guest can see', () => {
    assert(
      property(definition, place, (text, there) => {
        expect(guestVisible(placed(text, there))).toEqual(guestVisible(text));
      }),
      RUNS,
    );
  });

  it('drops and alters nothing that it does not know, and adds nothing', () => {
    const names = (text: string) => elementsOf(text).map(({ nodeName }) => nodeName);
    assert(
      property(definition, place, (text, there) => {
        const after = placed(text, there);
        expect(names(after)).toEqual(names(text));
        expect(unknownOf(after)).toEqual(unknownOf(text));
      }),
      RUNS,
    );
  });

  it('leaves nothing of the host it comes from', () => {
    const [, elsewhere = HOME] = PLACES;
    assert(
      property(definition, (text) => {
        const there = withoutUnknown(placed(text, elsewhere));
        expect(there).not.toMatch(/ (file|path|listen|host|template)="(\/srv\/a\/|192\.0\.2\.97|\/firmware\/a)/);
        expect(there).not.toMatch(/ (bridge|network)="a/);
      }),
      RUNS,
    );
  });
});

function withoutUnknown(text: string): string {
  const document = parseXml(text);
  for (const element of descendantsOf(rootOf(document))) {
    if (UNKNOWN_NAMES.includes(element.nodeName)) element.parentNode?.removeChild(element);
  }
  return serializeXml(document);
}
