import { describe, expect, it } from 'vitest';
import { negotiateMicroversion } from '../../../adapters/http/microversion-header.ts';
import { allows } from '../../../adapters/http/policy.ts';
import { projectId, requestId, userId } from '../../../domain/shared/ids.ts';

const own = projectId('own');
const caller = (roles: readonly string[], isAdmin = false) => ({
  requestId: requestId('req-1'),
  userId: userId('someone'),
  projectId: own,
  roles,
  isAdmin,
});

describe('a policy', () => {
  it('counts a role in its own project only', () => {
    expect(allows(caller(['manager']), 'os_compute_api:servers:delete', own)).toBe(true);
    expect(allows(caller(['manager']), 'os_compute_api:servers:delete', projectId('other'))).toBe(false);
    expect(allows(caller([], true), 'os_compute_api:servers:delete', projectId('other'))).toBe(true);
  });

  it('lets nobody be an administrator by the name of a role alone', () => {
    expect(allows(caller(['admin', 'manager']), 'os_compute_api:os-services:list', own)).toBe(false);
  });
});

describe('the microversion', () => {
  it('is the last one given for this service, among others for other services', () => {
    const headers = { 'openstack-api-version': 'compute 2.5, volume 3.1, compute 2.30, identity 9.9' };
    expect(negotiateMicroversion(headers)).toEqual({ answer: 'negotiated', microversion: { major: 2, minor: 30 } });
    expect(negotiateMicroversion({ 'x-openstack-nova-api-version': '2.5, 2.30' })).toEqual({
      answer: 'negotiated',
      microversion: { major: 2, minor: 30 },
    });
  });

  it('is a number and no text, however long', () => {
    const requested = `2.${'9'.repeat(400)}`;
    const headers = { 'openstack-api-version': `compute ${requested}` };
    expect(negotiateMicroversion(headers)).toEqual({ answer: 'outOfRange', requested });
  });
});
