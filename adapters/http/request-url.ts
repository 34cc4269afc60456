import type { FastifyRequest } from 'fastify';
import type { HttpOptions } from './http-dependencies.ts';

/** The configured base of all links, or the address the client itself used. Without a slash at the end. */
export function linkBaseOf({ headers, protocol }: FastifyRequest, { linkPrefix }: HttpOptions): string {
  return (linkPrefix ?? `${protocol}://${headers.host ?? 'localhost'}`).replace(/\/+$/, '');
}

export function queryOf({ url }: FastifyRequest): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

export function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '/';
}
