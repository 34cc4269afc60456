import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READ_EVENTS_MAX } from '../../../application/ports/event-store.ts';
import type { EffectOutcome } from '../../../domain/instance/instance-commands.ts';
import { instanceId, instant, type InstanceId } from '../../../domain/shared/ids.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import type { Stage } from '../../support/server-stages.ts';

let world: ComputeApiWorld;
beforeAll(async () => {
  world = new ComputeApiWorld();
  await world.computeService('source', 74);
  const flavor = { name: 'large', id: 'large', ram: 128, vcpus: 2, disk: 2 };
  await world.call('POST', '/v2.1/flavors', { body: { flavor } });
});
afterAll(() => world.close());

const NEWEST = '2.105';
const outcome = (id: InstanceId, effectOutcome: EffectOutcome) =>
  world.command(id, { type: 'RecordEffectOutcome', effectOutcome, at: instant(new Date().toISOString()) });
const shown = async (id: string) =>
  (await world.call('GET', `/v2.1/servers/${id}`, { microversion: NEWEST })).json().server;

describe('suspend and resume', () => {
  it('go by SUSPENDED, which nothing but resume, a hard reboot and delete leave', async () => {
    const id = await world.serverIn('active');
    expect((await world.action(id, { suspend: null }, NEWEST, 'member')).statusCode).toBe(202);
    expect((await shown(id))['OS-EXT-STS:task_state']).toBe('suspending');
    await outcome(id, { effect: 'power', outcome: 'succeeded' });
    expect(await shown(id)).toMatchObject({ status: 'SUSPENDED', 'OS-EXT-STS:power_state': 4 });
    for (const action of ['suspend', 'pause', 'os-stop', 'os-start', 'rescue']) {
      const refused = await world.action(id, { [action]: null }, NEWEST);
      expect(refused.json().conflictingRequest.message).toMatch(/while it is in vm_state suspended$/);
    }
    expect((await world.action(id, { resume: null }, NEWEST, 'member')).statusCode).toBe(202);
    await outcome(id, { effect: 'power', outcome: 'succeeded' });
    expect((await shown(id)).status).toBe('ACTIVE');
    const actions = await world.call('GET', `/v2.1/servers/${id}/os-instance-actions`, { microversion: NEWEST });
    const names = actions.json().instanceActions.map(({ action }: { action: string }) => action);
    expect(names).toEqual(['resume', 'suspend', 'create']);
  });
});

describe('resize', () => {
  it('waits for its owner’s word and goes back to what was before', async () => {
    const id = await world.serverIn('stopped');
    expect((await world.action(id, { resize: { flavorRef: 'large' } }, NEWEST, 'member')).statusCode).toBe(202);
    expect((await shown(id)).status).toBe('RESIZE');
    await outcome(id, { effect: 'resize', outcome: 'succeeded' });
    expect(await shown(id)).toMatchObject({ status: 'VERIFY_RESIZE', flavor: { original_name: 'large', ram: 128 } });
    expect((await world.action(id, { 'os-start': null }, NEWEST)).statusCode).toBe(409);
    expect((await world.action(id, { revertResize: null }, NEWEST, 'member')).statusCode).toBe(202);
    expect((await shown(id)).status).toBe('REVERT_RESIZE');
    await outcome(id, { effect: 'revertResize', outcome: 'succeeded' });
    expect(await shown(id)).toMatchObject({ status: 'SHUTOFF', flavor: { original_name: 'm1.tiny' } });
    await world.action(id, { resize: { flavorRef: 'large' } }, NEWEST);
    await outcome(id, { effect: 'resize', outcome: 'succeeded' });
    expect((await world.action(id, { confirmResize: null }, NEWEST, 'member')).statusCode).toBe(204);
    expect(await shown(id)).toMatchObject({ status: 'SHUTOFF', flavor: { original_name: 'large' } });
    const smaller = await world.action(id, { resize: { flavorRef: '1' } }, NEWEST);
    expect(smaller.json().badRequest.message).toBe('Resize to a smaller disk is not possible.');
  });

  it.each([
    [{ resize: { flavorRef: 'nope' } }, 'Flavor nope could not be found.'],
    [{ resize: { flavorRef: '1' } }, 'When resizing, instances must change flavor!'],
    [{ resize: { flavorRef: '' } }, "'' is too short"],
  ])('%j is refused: %s', async (body, message) => {
    const id = await world.serverIn('active');
    expect((await world.action(id, body, NEWEST)).json().badRequest.message).toContain(message);
  });
});

describe('a change of the password', () => {
  it('is refused for want of an agent, told as failed to who looks, and written nowhere', async () => {
    const id = await world.serverIn('active');
    const response = await world.action(id, { changePassword: { adminPass: 'hush-hush' } }, NEWEST, 'member');
    expect(response.json()).toEqual({ conflictingRequest: { code: 409, message: 'QEMU guest agent is not enabled' } });
    expect(await shown(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:task_state': null });
    const path = `/v2.1/servers/${id}/os-instance-actions/${String(response.headers['x-compute-request-id'])}`;
    const { instanceAction } = (await world.call('GET', path, { microversion: NEWEST })).json();
    expect(instanceAction).toMatchObject({
      action: 'changePassword',
      message: 'Error',
      events: [{ event: 'compute_set_admin_password', result: 'Error', details: 'QEMU guest agent is not enabled' }],
    });
    expect(JSON.stringify(await world.eventStore.readAll(0, READ_EVENTS_MAX))).not.toContain('hush-hush');
  });
});

describe('an image of a server', () => {
  const image = async (id: string) => (await world.call('GET', `/image/v2/images/${id}`)).json();

  it.each<Stage>(['active', 'stopped', 'paused'])('is made of one that is %s, and is there at once', async (stage) => {
    const id = await world.serverIn(stage);
    await world.action(id, { lock: null }, NEWEST);
    const body = { createImage: { name: ' copy', metadata: { purpose: 'backup', image_type: 'mine' } } };
    const wrong = await world.action(id, body, NEWEST);
    expect(wrong.json().badRequest.message).toMatch(/^An invalid 'name' value was provided/);
    body.createImage.name = 'copy';
    const response = await world.action(id, body, NEWEST, 'member');
    expect([response.statusCode, response.headers['location']]).toEqual([202, undefined]);
    const imageId = response.json().image_id;
    expect(response.json()).toEqual({ image_id: imageId });
    const queued = { status: 'queued', visibility: 'private', size: null, instance_uuid: id, purpose: 'backup' };
    expect(await image(imageId)).toMatchObject({ ...queued, name: 'copy', image_type: 'mine', min_disk: 1 });
    const before = { 'OS-EXT-STS:vm_state': stage, 'OS-EXT-STS:task_state': 'image_snapshot' };
    expect(await shown(id)).toMatchObject(before);
    const busy = await world.action(id, { createImage: { name: 'again' } }, NEWEST);
    expect(busy.json().conflictingRequest.message).toBe(
      `Cannot 'createImage' instance ${id} while it is in task_state image_snapshot`,
    );
    await outcome(instanceId(id), { effect: 'snapshot', outcome: 'succeeded' });
    expect(await shown(id)).toMatchObject({ ...before, 'OS-EXT-STS:task_state': null });
    const path = `/v2.1/servers/${id}/os-instance-actions/${String(response.headers['x-compute-request-id'])}`;
    expect((await world.call('GET', path, { microversion: NEWEST })).json().instanceAction).toMatchObject({
      action: 'createImage',
      message: null,
      events: [{ event: 'compute_snapshot_instance', result: 'Success', host: 'source' }],
    });
  });

  it('is told by its address before 2.45', async () => {
    const id = await world.serverIn('active');
    const response = await world.action(id, { createImage: { name: 'copy' } }, '2.44');
    expect([response.statusCode, response.body]).toEqual([202, '']);
    const imageId = String(response.headers['location']).split('/images/')[1] ?? '';
    expect((await image(imageId)).status).toBe('queued');
    await outcome(instanceId(id), { effect: 'snapshot', outcome: 'failed', reason: 'no space', guestAffected: false });
    expect(await shown(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:task_state': null });
  });

  it('is not begun where images can only be read, nor for whoever may only look', async () => {
    const id = await world.serverIn('active');
    expect((await world.action(id, { createImage: { name: 'copy' } }, NEWEST, 'reader')).statusCode).toBe(403);
    const before = await world.events();
    world.images.setOutage('it is down');
    const refused = await world.action(id, { createImage: { name: 'copy' } }, NEWEST);
    world.images.setOutage(null);
    expect(refused.statusCode).toBe(503);
    expect(await world.events()).toBe(before);
  });
});

const NO_HOST = 'No valid host was found. No valid host found for cold migrate';
const NOT_SUPPORTED = 'The requested functionality is not supported.';

describe('what no driver can do', () => {
  const BODIES: readonly (readonly [object, number, string])[] = [
    [{ createBackup: { name: 'b', backup_type: 'daily', rotation: 1 } }, 501, NOT_SUPPORTED],
    [{ shelve: null }, 501, NOT_SUPPORTED],
    [{ migrate: null }, 400, NO_HOST],
    [{ evacuate: {} }, 400, 'Compute service of source is still in use.'],
    [{ trigger_crash_dump: null }, 501, NOT_SUPPORTED],
    [{ 'os-getConsoleOutput': {} }, 501, NOT_SUPPORTED],
    [{ addSecurityGroup: { name: 'web' } }, 404, 'Security group web not found.'],
    [{ unshelve: null }, 409, 'vm_state active'],
    [{ shelveOffload: null }, 409, 'vm_state active'],
    [{ restore: null }, 409, 'vm_state active'],
    [{ confirmResize: null }, 409, 'vm_state active'],
  ];

  it.each(BODIES)('%j is refused as Nova refuses it: %s', async (body, status, message) => {
    const id = await world.serverIn('active');
    const before = await world.events();
    const response = await world.action(id, body, NEWEST);
    expect([response.statusCode, response.body]).toEqual([status, expect.stringContaining(message)]);
    const nobody = await world.action('00000000-0000-4000-8000-000000000000', body, NEWEST);
    expect(nobody.statusCode).toBe(404);
    expect(await world.events()).toBe(before);
  });

  it.each<readonly [Stage, object]>([
    ['rescued', { createImage: { name: 'snap' } }],
    ['rescued', { migrate: null }],
    ['rescued', { evacuate: {} }],
    ['rescued', { shelve: null }],
    ['rescued', { createBackup: { name: 'b', backup_type: 'daily', rotation: 1 } }],
  ])('a server that is %s is told so first: %j', async (stage, body) => {
    const id = await world.serverIn(stage);
    const [action] = Object.keys(body);
    expect((await world.action(id, body, NEWEST)).json().conflictingRequest.message).toBe(
      `Cannot '${action ?? ''}' instance ${id} while it is in vm_state ${stage}`,
    );
  });

  it('is not there before its microversion', async () => {
    const id = await world.serverIn('active');
    const early = await world.action(id, { trigger_crash_dump: null }, '2.16');
    expect(early.json().itemNotFound.message).toBe('The resource could not be found.');
  });

  it('forceDelete deletes', async () => {
    const id = await world.serverIn('rescued');
    expect((await world.action(id, { forceDelete: null }, NEWEST, 'member')).statusCode).toBe(202);
    expect((await shown(id))['OS-EXT-STS:task_state']).toBe('deleting');
  });
});
