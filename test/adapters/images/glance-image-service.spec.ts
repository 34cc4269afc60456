import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GlanceLimits } from '../../../adapters/images/glance-connection.ts';
import { GlanceImageService } from '../../../adapters/images/glance-image-service.ts';
import { imageId } from '../../../domain/shared/ids.ts';
import { GlanceProtocolServer, type GlanceFault } from '../../support/glance-protocol-server.ts';
import { rawImage, sampleImage } from '../../support/sample-images.ts';

const ID = imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000001');
const data = rawImage(200_000);
const image = sampleImage(data, { id: ID });
const LIMITS: GlanceLimits = {
  headersMilliseconds: 300,
  idleMilliseconds: 300,
  jsonMilliseconds: 2000,
  jsonBytesMax: 16 * 1024,
  dataMilliseconds: 1000,
};

let server: GlanceProtocolServer;
let reports: string[];

beforeEach(async () => {
  server = await GlanceProtocolServer.start();
  server.put(image, data);
  reports = [];
});
afterEach(() => server.stop());

const glance = (
  token: () => Promise<string> = async () => server.token,
  endpoint = server.endpoint,
): GlanceImageService =>
  new GlanceImageService({ endpoint, token, limits: LIMITS, report: (problem) => reports.push(problem) });

describe('answers of Glance that are failures', () => {
  const faults: readonly (readonly [GlanceFault, string])[] = [
    [{ fault: 'status', on: 'describe', status: 500 }, '500'],
    [{ fault: 'status', on: 'describe', status: 503 }, '503'],
    [{ fault: 'status', on: 'describe', status: 401 }, 'token is not valid'],
    [{ fault: 'status', on: 'describe', status: 403 }, '403'],
    [{ fault: 'status', on: 'describe', status: 410 }, 'being deleted'],
    [{ fault: 'status', on: 'describe', status: 302 }, 'redirects are not followed'],
    [{ fault: 'status', on: 'describe', status: 418 }, 'not expected'],
    [{ fault: 'silent', on: 'describe' }, 'within 300 ms'],
    [{ fault: 'stalled', on: 'describe' }, 'within 300 ms'],
    [{ fault: 'hugeJson' }, 'larger than 16384 bytes'],
    [{ fault: 'json', body: '<html>' }, 'cannot be read'],
    [{ fault: 'json', body: '[]' }, 'be used'],
    [{ fault: 'json', body: '{"images": 3}' }, 'be used'],
    [{ fault: 'status', on: 'data', status: 500 }, '500'],
    [{ fault: 'status', on: 'data', status: 403 }, '403'],
    [{ fault: 'silent', on: 'data' }, 'within 300 ms'],
    [{ fault: 'noContent' }, 'no data'],
  ];
  it.each(faults)('%j', async (fault, reason) => {
    server.script(fault);
    expect(await glance().fetch(ID)).toMatchObject({ answer: 'failed', reason: expect.stringContaining(reason) });
    await server.allAnswersEnded();
  });

  it.each([
    [{ fault: 'status', on: 'describe', status: 404 }, 'endpoint'],
    [{ fault: 'status', on: 'describe', status: 500 }, '500'],
    [{ fault: 'json', body: '{"images": 3}' }, 'no list'],
    [{ fault: 'json', body: '{"images": [], "next": "/v2/images?marker=again"}' }, 'circle'],
    [{ fault: 'json', body: '{"images": [], "next": "http://["}' }, 'nowhere'],
  ] as const)('of a list: %j', async (fault, reason) => {
    server.script(fault);
    expect(await glance().list()).toMatchObject({ answer: 'failed', reason: expect.stringContaining(reason) });
  });
});

describe('data that goes wrong on the way', () => {
  it.each([
    [{ fault: 'stalled', on: 'data' }, 'within 300 ms'],
    [{ fault: 'drip' }, 'did not all come within 1000 ms'],
    [{ fault: 'cut' }, 'terminated'],
    [{ fault: 'short' }, 'ended after 100000 of 200000 bytes'],
    [{ fault: 'long' }, 'longer than the 200000 bytes'],
    [{ fault: 'wrongHash' }, 'sha256'],
  ] as const)('%j', async (fault, reason) => {
    server.script(fault);
    const fetched = await glance().fetch(ID);
    if (fetched.answer !== 'found') throw new Error(JSON.stringify(fetched));
    await expect(buffer(fetched.value.bytes)).rejects.toThrow(reason);
    await server.allAnswersEnded();
  });

  it('is checked against MD5 or SHA-512 where that is what Glance has', async () => {
    const wrong = { os_hash_algo: null, os_hash_value: null, checksum: '0'.repeat(32) };
    for (const [described, reason] of [
      [wrong, 'md5'],
      [{ os_hash_algo: 'sha512', os_hash_value: '0'.repeat(128) }, 'sha512'],
    ] as const) {
      server.put(image, data, described);
      const fetched = await glance().fetch(ID);
      if (fetched.answer !== 'found') throw new Error(JSON.stringify(fetched));
      await expect(buffer(fetched.value.bytes)).rejects.toThrow(reason);
      expect(await glance().show(ID)).toMatchObject({ value: { sha256: null } });
    }
  });

  it('closes the connection when the reader stops early, or never begins', async () => {
    server.script({ fault: 'stalled', on: 'data' });
    const stopped = await glance().fetch(ID);
    if (stopped.answer !== 'found') throw new Error(JSON.stringify(stopped));
    for await (const chunk of stopped.value.bytes) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    await server.allAnswersEnded();
    expect((await glance().fetch(ID)).answer).toBe('found');
    await server.allAnswersEnded();
  });

  it('is refused before the first byte when its length is not the one described', async () => {
    server.put(image, data, { size: 5 });
    expect(await glance().fetch(ID)).toMatchObject({
      answer: 'failed',
      reason: expect.stringContaining('offers 200000 bytes'),
    });
  });
});

describe('what is taken from a description', () => {
  it('keeps free properties that are text, and none of Glance’s own keys', async () => {
    server.put(image, data, { kernel_id: 'k', signature_verified: true, direct_url: 'rbd://secret', hw_note: null });
    expect(await glance().show(ID)).toMatchObject({
      value: { properties: { hw_rescue_bus: 'virtio', kernel_id: 'k', os_type: 'linux' } },
    });
    const shown = await glance().show(ID);
    expect(shown.answer === 'found' && Object.keys(shown.value.properties).toSorted()).toEqual([
      'hw_rescue_bus',
      'kernel_id',
      'os_type',
    ]);
  });

  it('refuses an image in a format it does not know, and lists the others', async () => {
    server.put(image, data, { disk_format: 'vmdk' });
    server.put(sampleImage(data, { id: imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000002') }), data);
    expect(await glance().show(ID)).toMatchObject({ answer: 'failed', reason: expect.stringContaining('disk_format') });
    expect(await glance().list()).toMatchObject({ answer: 'found', value: [{ name: 'rescue' }] });
    expect(reports).toEqual([expect.stringContaining('disk_format')]);
  });

  it('refuses another image than the one asked for', async () => {
    server.put(image, data, { id: '5b1b5a70-4d0c-4a5e-8b1f-00000000ffff' });
    expect(await glance().show(ID)).toMatchObject({
      answer: 'failed',
      reason: expect.stringContaining('another image'),
    });
  });
});

describe('endpoint and token', () => {
  it.each([
    'ftp://glance/',
    'file:///etc/passwd',
    'glance:9292',
    'http://user:secret@glance',
    'http://glance/?a=b',
    '',
  ])('does not accept %j as an endpoint', (endpoint) => {
    expect(() => glance(undefined, endpoint)).toThrow();
  });

  it('keeps a path prefix of the endpoint, also for the next page, and follows no link to another host', async () => {
    for (const number of [2, 3])
      server.put(sampleImage(data, { id: imageId(`5b1b5a70-4d0c-4a5e-8b1f-00000000000${number}`) }), data);
    expect(await glance(undefined, `${server.endpoint}/`).list()).toMatchObject({
      answer: 'found',
      value: { length: 3 },
    });
    server.script({ fault: 'json', body: '{"images": [], "next": "http://127.0.0.1:1/v2/images?marker=x"}' });
    await glance(undefined, `${server.endpoint}/image`).list();
    expect(server.requests).toContain('GET /image/v2/images?limit=100');
    server.requests.length = 0;
    await glance().list();
    expect(server.requests).toContain('GET /v2/images?marker=x');
  });

  const tokens: readonly (readonly [string, () => Promise<string>, string])[] = [
    ['cannot be had', () => Promise.reject(new Error('keystone is down')), 'keystone is down'],
    ['never comes', () => new Promise<string>(() => undefined), 'a token did not come'],
    ['would break out of its header', async () => 'secret\r\nx-other: 1', 'no header may have'],
    ['is not accepted', async () => 'secret', '401'],
  ];
  it.each(tokens)('fails when the token %s, without showing it', async (_what, token, reason) => {
    const shown = await glance(token).show(ID);
    expect(shown).toMatchObject({ answer: 'failed', reason: expect.stringContaining(reason) });
    expect(JSON.stringify(shown)).not.toContain('secret');
  });
});
