/** How a server is rescued, where its disks are, which it has, and what it boots with. */
export const FACTORS = {
  rescue: ['legacy', 'legacy-own-image', 'virtio-disk', 'scsi-disk', 'usb-disk', 'ide-cdrom', 'disk-only'],
  storage: ['local', 'other-paths', 'shared', 'shared-disks', 'volume-group'],
  disks: ['qcow2', 'raw', 'qcow2-all', 'raw-all', 'qcow2-vfat-all', 'qcow2-cached', 'qcow2-cached-raw-all'],
  firmware: ['bios', 'uefi'],
} as const;

export type Factor = keyof typeof FACTORS;
export type LayoutRow = { readonly [F in Factor]: (typeof FACTORS)[F][number] };

const NAMES = ['rescue', 'storage', 'disks', 'firmware'] as const satisfies readonly Factor[];

export const rowName = (row: LayoutRow): string => NAMES.map((factor) => row[factor]).join('/');

/** Every combination. */
export function fullMatrix(): readonly LayoutRow[] {
  return FACTORS.rescue.flatMap((rescue) =>
    FACTORS.storage.flatMap((storage) =>
      FACTORS.disks.flatMap((disks) => FACTORS.firmware.map((firmware) => ({ rescue, storage, disks, firmware }))),
    ),
  );
}

/** Every pair of values of two factors, as text. */
export function pairsOf(row: LayoutRow): readonly string[] {
  return NAMES.flatMap((first, index) =>
    NAMES.slice(index + 1).map((second) => `${first}=${row[first]} ${second}=${row[second]}`),
  );
}

/** A small set of rows in which every pair of values occurs; the seed decides between rows that are worth the same. */
export function pairwiseMatrix(seed: number): readonly LayoutRow[] {
  const candidates = shuffled(fullMatrix(), seed).map((row) => ({ row, pairs: pairsOf(row) }));
  const missing = new Set(candidates.flatMap(({ pairs }) => pairs));
  const rows: LayoutRow[] = [];
  while (missing.size > 0) {
    const worths = candidates.map(({ pairs }) => pairs.filter((pair) => missing.has(pair)).length);
    const best = candidates[worths.indexOf(Math.max(...worths))];
    if (best === undefined) throw new Error('pairwiseMatrix: a pair that is in no row');
    rows.push(best.row);
    for (const pair of best.pairs) missing.delete(pair);
  }
  return rows;
}

/** By a linear congruential generator: the same seed gives the same order everywhere. */
function shuffled(rows: readonly LayoutRow[], seed: number): readonly LayoutRow[] {
  let state = seed >>> 0;
  const weighed = rows.map((row) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return { row, weight: state };
  });
  return weighed.toSorted((left, right) => left.weight - right.weight).map(({ row }) => row);
}
