import { int32, struct, text } from './codec.ts';
import type { Codec } from './codec.ts';
import { jobStatsCodec } from './procedures.ts';
import { domainCodec } from './remote-objects.ts';
import type { RemoteDomain } from './remote-objects.ts';
import type { TypedParameter } from './typed-parameter.ts';

/** What libvirt tells about domains without being asked. Numbers are libvirt's own enumerations. Events are not replayed after a reconnect. */
export interface DomainEvents {
  readonly lifecycle: { readonly domain: RemoteDomain; readonly event: number; readonly detail: number };
  readonly jobCompleted: { readonly domain: RemoteDomain; readonly params: readonly TypedParameter[] };
  readonly migrationIteration: { readonly domain: RemoteDomain; readonly iteration: number };
  readonly blockJob2: {
    readonly domain: RemoteDomain;
    readonly disk: string;
    readonly type: number;
    readonly status: number;
  };
}

export type DomainEventId = keyof DomainEvents;

export interface DomainEventKind<Event> {
  /** virDomainEventID, for registering. */
  readonly eventId: number;
  /** The procedure number of the message that carries it. */
  readonly procedure: number;
  /** Without the callback id in front. */
  readonly codec: Codec<Event>;
}

export const DOMAIN_EVENT_KINDS: { readonly [Id in DomainEventId]: DomainEventKind<DomainEvents[Id]> } = {
  lifecycle: { eventId: 0, procedure: 318, codec: struct({ domain: domainCodec, event: int32, detail: int32 }) },
  blockJob2: {
    eventId: 16,
    procedure: 339,
    codec: struct({ domain: domainCodec, disk: text, type: int32, status: int32 }),
  },
  migrationIteration: { eventId: 20, procedure: 359, codec: struct({ domain: domainCodec, iteration: int32 }) },
  jobCompleted: { eventId: 21, procedure: 363, codec: struct({ domain: domainCodec, params: jobStatsCodec }) },
};
