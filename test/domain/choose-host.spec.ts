import { describe, expect, it } from 'vitest';
import { chooseHosts, type Candidate } from '../../domain/scheduling/choose-host.ts';
import { placementPreference, refusePlacement } from '../../domain/scheduling/group-placement.ts';
import type { ServerGroupPolicy } from '../../domain/server-group/server-group.ts';
import { hostName, type HostName } from '../../domain/shared/ids.ts';

const FLAVOR = { id: '1', name: 'm1.tiny', vcpus: 2, ramMiB: 512, diskGiB: 10 };
const [A, B, C] = [hostName('a'), hostName('b'), hostName('c')];
const fits: Candidate = { host: A, up: true, disabled: false, vcpus: 2, memoryFreeMiB: 512, diskFreeGiB: 10 };

describe('the company of a host', () => {
  const [A1, B1] = [hostName('compute-a'), hostName('compute-b')];
  const wish = { group: null, sameHost: null, differentHost: [] };
  const group = (policy: ServerGroupPolicy, hosts: readonly HostName[], maxServerPerHost: number | null = null) => ({
    ...wish,
    group: { policy, maxServerPerHost, hosts },
  });

  it.each([
    ['affinity, first member', group('affinity', []), [null, null]],
    ['affinity', group('affinity', [A1]), [null, /affinity/]],
    ['anti-affinity', group('anti-affinity', [A1]), [/anti-affinity/, null]],
    ['anti-affinity with two allowed', group('anti-affinity', [A1], 2), [null, null]],
    ['anti-affinity with two there', group('anti-affinity', [A1, A1], 2), [/anti-affinity/, null]],
    ['soft-affinity', group('soft-affinity', [A1]), [null, null]],
    ['different_host', { ...wish, differentHost: [A1] }, [/different_host/, null]],
    ['same_host', { ...wish, sameHost: [A1] }, [null, /same_host/]],
    ['same_host of nobody', { ...wish, sameHost: [] }, [/same_host/, /same_host/]],
  ])('%s', (_name, wanted, expected) => {
    const refusals = [A1, B1].map((host) => refusePlacement(host, wanted));
    expect(refusals).toEqual(expected.map((says) => (says === null ? null : expect.stringMatching(says))));
  });

  it('that suits a soft wish better comes before more memory', () => {
    const order = (policy: ServerGroupPolicy) =>
      chooseHosts(
        [A1, B1].map((host) => ({
          ...fits,
          host,
          memoryFreeMiB: host === A1 ? 4096 : 2048,
          placement: { refusal: null, preference: placementPreference(host, group(policy, [A1])) },
        })),
        FLAVOR,
        null,
        [],
      ).hosts;
    expect([order('soft-anti-affinity'), order('soft-affinity')]).toEqual([
      [B1, A1],
      [A1, B1],
    ]);
  });
});

describe('the hosts to try', () => {
  it('are those on which the server just fits', () => {
    expect(chooseHosts([fits], FLAVOR, null, [])).toEqual({ hosts: [A], refused: [] });
  });

  it.each([
    ['is disabled', { disabled: true }, 'its compute service is disabled'],
    ['is down', { up: false }, 'its compute service is down'],
    ['has said nothing of its processors', { vcpus: null }, 'it has not reported its resources yet'],
    ['has said nothing of its memory', { memoryFreeMiB: null }, 'it has not reported its resources yet'],
    ['has said nothing of its disk', { diskFreeGiB: null }, 'it has not reported its resources yet'],
    ['has too few processors', { vcpus: 1 }, 'it has 1 vCPUs, the flavor needs 2'],
    ['has too little memory', { memoryFreeMiB: 511 }, 'it has 511 MiB of memory free, the flavor needs 512'],
    ['has too little disk', { diskFreeGiB: 9 }, 'it has 9 GiB of disk free, the flavor needs 10'],
  ])('leave out one that %s, and say so', (_name, changed, reason) => {
    expect(chooseHosts([{ ...fits, ...changed }], FLAVOR, null, [])).toEqual({
      hosts: [],
      refused: [{ host: A, reason }],
    });
  });

  it('never hold the host where the server is, not even when it was asked for', () => {
    const refused = [{ host: A, reason: 'the server is there already' }];
    expect(chooseHosts([fits, { ...fits, host: B }], FLAVOR, null, [A])).toEqual({ hosts: [B], refused });
    expect(chooseHosts([fits, { ...fits, host: B }], FLAVOR, A, [A])).toEqual({ hosts: [], refused });
  });

  it('hold only the requested one', () => {
    expect(chooseHosts([fits, { ...fits, host: B }], FLAVOR, B, [])).toEqual({ hosts: [B], refused: [] });
    expect(chooseHosts([fits], FLAVOR, C, [])).toEqual({ hosts: [], refused: [] });
  });

  it('come with most free memory first, then by name, whatever the order of the fleet', () => {
    const fleet = [
      { ...fits, host: C },
      { ...fits, host: A },
      { ...fits, host: B, memoryFreeMiB: 513 },
    ];
    for (const order of [fleet, fleet.toReversed()]) {
      expect(chooseHosts(order, FLAVOR, null, []).hosts).toEqual([B, A, C]);
    }
  });
});
