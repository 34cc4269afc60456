import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LibvirtLab, whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { rowName, type LayoutRow } from './layout-matrix.ts';
import { performLayout } from './perform-layout.ts';

const DEADLINE_MS = 240_000;

/** What differs most from the servers of all other specs; `npm run e2e:layouts` has every pair. */
const ROWS: readonly LayoutRow[] = [
  { rescue: 'legacy', storage: 'other-paths', disks: 'raw-all', firmware: 'bios' },
  { rescue: 'virtio-disk', storage: 'shared', disks: 'qcow2', firmware: 'bios' },
];

const reason = await whyNoLab('test/layouts/layouts.lab.spec.ts');

describe.skipIf(reason !== null)('everything comes along, there and back', () => {
  let lab: LibvirtLab;
  beforeAll(async () => {
    lab = await LibvirtLab.start();
  }, DEADLINE_MS);
  afterAll(async () => {
    await lab.stop();
  }, DEADLINE_MS);

  it.each(ROWS.map((row, index) => [rowName(row), row, index] as const))(
    '%s',
    async (_name, row, index) => {
      expect((await performLayout(lab, row, index)).differences).toEqual([]);
    },
    DEADLINE_MS,
  );
});
