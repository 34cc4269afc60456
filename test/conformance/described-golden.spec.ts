import { describe, expect, it } from 'vitest';
import { undescribed } from '../support/described-answer.ts';
import { goldenPairs } from './golden-pairs.ts';

describe('what a real Nova has answered', () => {
  it('is as /openapi.json describes the answers', () => {
    const granted = goldenPairs().filter(({ response: { status } }) => status >= 200 && status < 300);
    const wrong = granted.flatMap(({ n, request: { method, path: url }, response: { status, headers, body } }) => {
      const named = Object.entries(headers).find(([name]) => name.toLowerCase() === 'openstack-api-version');
      const text = typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body);
      const difference = undescribed({ method, url, status, body: text, microversion: named?.[1] ?? null });
      return difference === null ? [] : [`${n} ${difference}`];
    });
    expect(granted.length).toBeGreaterThan(250);
    expect(wrong).toEqual([]);
  });
});
