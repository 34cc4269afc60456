import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseXml, serializeXml } from '../../adapters/libvirt/xml-document.ts';
import type { CapturedDefinition, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import { whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { describeMigration, refusalOf, valueOf } from './hypervisor-driver.fixture.ts';
import { DevicesLab } from './libvirt-devices.fixture.ts';

const TIMEOUT_MS = 180_000;
const MAC = 'fa:16:3e:aa:bb:cc';

let lab: DevicesLab;
let original: CapturedDefinition;

const skipped = (await whyNoLab('test/contracts/libvirt-devices.lab.spec.ts')) !== null;

describe.skipIf(skipped)('a guest with every device, on two hosts that have nothing in common', () => {
  beforeAll(async () => {
    lab = await DevicesLab.start();
  }, TIMEOUT_MS);
  afterAll(() => lab.stop(), TIMEOUT_MS);

  it('is built as its image and the host’s configuration say', { timeout: TIMEOUT_MS }, async () => {
    const [source] = lab.drivers;
    valueOf(await source.spawn(lab.guest));
    const definition = await lab.definition(0);
    expect(definition).toMatch(/machine='pc-q35-/);
    expect(definition).toMatch(/<loader readonly='yes' type='pflash'>.*<nvram template='[^']*'>[^<]*\/nvram\.fd</s);
    expect(definition).toMatch(/<cpu mode='custom' match='exact' check='partial'>/);
    for (const device of [
      "watchdog model='i6300esb' action='reset'",
      "graphics type='vnc'",
      "memballoon model='virtio'",
    ]) {
      expect(definition).toContain(`<${device}`);
    }
    expect(definition).toMatch(/<interface type='bridge'>.*<model type='e1000e'\/>/s);
    original = valueOf(await source.captureDefinition(lab.guest.instanceId));
  });

  it(
    'is refused where something of it is missing, by name, before anything is made there',
    { timeout: TIMEOUT_MS },
    async () => {
      const [source, destination] = lab.drivers;
      const description = describeMigration(lab.guest, false);
      const facts = valueOf(await source.checkSource(description));
      const refusal = async (change: (text: string) => string): Promise<string> => {
        const changed: SourceFacts = { ...facts, definition: change(facts.definition) };
        expect(changed.definition).not.toBe(facts.definition);
        return refusalOf(await destination.checkDestination(description, changed));
      };
      expect(await refusal((text) => text.replace(/pc-q35-[\d.]+/, 'pc-q35-99.9'))).toContain(
        'machine type pc-q35-99.9',
      );
      expect(
        await refusal((text) => text.replace("type='pflash'", "type='rom'").replace('/usr/share/OVMF', '/nowhere')),
      ).toContain('no firmware /nowhere');
      expect(await refusal((text) => text.replace("bus='virtio'", "bus='ide'"))).toContain('no disk bus ide');
      expect(await refusal((text) => text.replace("model type='vga'", "model type='xen'"))).toContain(
        'no video model xen',
      );
      const feature = "<feature policy='require' name='amx-tile'/></cpu>";
      expect(await refusal((text) => text.replace('</cpu>', feature))).toContain('amx-tile');
      expect(await refusal((text) => text.replaceAll(/mac address='[^']*'/g, `mac address='${MAC}'`))).toContain(MAC);
      const unplugged = {
        ...lab.guest,
        networkInterfaces: lab.guest.networkInterfaces.map((one) => ({ ...one, networkId: 'x' })),
      };
      expect(refusalOf(await destination.checkDestination({ ...description, guest: unplugged }, facts))).toContain(
        'no network x',
      );
      expect(valueOf(await destination.inquire(lab.guest.instanceId))).toEqual({ presence: 'absent' });
    },
  );

  it('migrates while it is rescued, and does not start again', { timeout: TIMEOUT_MS }, async () => {
    const [source] = lab.drivers;
    const rescued = await source.rescue(lab.guest, lab.lab.images.rescue, original);
    expect(rescued).toEqual({ outcome: 'succeeded', value: null });
    const before = await lab.hear(0, ({ lastTick, boots }) => lastTick !== null && boots.at(-1)?.role === 'rescue');
    const variables = await lab.hash(0, 'nvram.fd');
    await lab.migrate({ ...describeMigration(lab.guest, true), original });
    const after = await lab.hear(1, ({ lastTick }) => (lastTick?.number ?? 0) > (before.lastTick?.number ?? Infinity));
    expect(after.lastTick?.bootId).toBe(before.lastTick?.bootId);
    expect(after.boots).toEqual([]);
    expect(variables).not.toBeNull();
    expect(await lab.hash(1, 'nvram.fd')).toBe(variables);
    expect(await lab.hash(0, 'nvram.fd')).toBeNull();
  });

  it('is on the other host what it was before the rescue', { timeout: TIMEOUT_MS }, async () => {
    const [, destination] = lab.drivers;
    const here = valueOf(destination.definitionHere(lab.guest, original));
    valueOf(await destination.unrescue(lab.guest.instanceId, here));
    expect(serializeXml(parseXml((await lab.definition(1)).trimEnd()))).toBe(here.definition);
    expect(here.definition).toMatch(/<interface type="network">.*<source network="tenants"\/>/s);
    expect(here.definition).toContain('listen="0.0.0.0"');
    expect(here.definition).not.toContain(`${lab.hosts[0].options.instancesPath}/${lab.guest.instanceId}`);
    expect(valueOf(await destination.inquire(lab.guest.instanceId))).toMatchObject({ power: 'running' });
  });
});
