import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type Served } from '../../adapters/main/serve.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { ComputeClient } from '../support/compute-client.ts';
import { labConfiguration } from './lab-configuration.ts';
import { LibvirtLab, whyNoLab } from './libvirt-lab.fixture.ts';
import { logInto, type LogLine } from './log-lines.ts';
import { servicesUp } from './server-under-test.fixture.ts';

const SET_UP_DEADLINE_MS = 120_000;
const LOG_DEADLINE_MS = 20_000;
const [A, B] = ['lab-a', 'lab-b'];

const reason = await whyNoLab('test/end-to-end/unreachable-host.lab.spec.ts');

describe.skipIf(reason !== null)('a host whose libvirt is down', () => {
  const lines: LogLine[] = [];
  let lab: LibvirtLab;
  let served: Served;
  let client: ComputeClient;

  beforeAll(async () => {
    lab = await LibvirtLab.start();
    await lab.hostNamed(B).killLibvirtd();
    served = await serve(labConfiguration(lab), logInto(lines));
    client = new ComputeClient(served.url);
  }, SET_UP_DEADLINE_MS);

  afterAll(async () => {
    await served.stop();
    await lab.stop();
  }, SET_UP_DEADLINE_MS);

  it('does not keep the API from running, nor the other host from being used', async () => {
    await servicesUp(client, 1);
    expect(await client.services()).toEqual([expect.objectContaining({ host: A, state: 'up' })]);
  });

  it('is named in the log, with the socket and what to do about it', async () => {
    const socket = lab.hostNamed(B).facts.socketPath;
    const warned = await waitUntil(() => lines.find(({ fields }) => fields['host'] === B) ?? null, {
      deadlineMs: LOG_DEADLINE_MS,
    });
    expect(warned).toMatchObject({ level: 'warn', message: 'A hypervisor host did not answer.' });
    expect(warned?.fields['reason']).toContain(`libvirt of ${B} cannot be reached at ${socket}`);
    expect(warned?.fields['reason']).toContain('Check that libvirtd runs there');
  });

  it('joins by itself when its libvirt comes up, goes down with it, and comes back', async () => {
    await lab.hostNamed(B).startLibvirtd();
    await servicesUp(client, 2);
    await lab.hostNamed(B).killLibvirtd();
    await servicesUp(client, 1);
    expect(await client.services()).toContainEqual(expect.objectContaining({ host: B, state: 'down' }));
    await lab.hostNamed(B).startLibvirtd();
    await servicesUp(client, 2);
  });
});
