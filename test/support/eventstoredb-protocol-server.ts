import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import { type IStreamsServer, StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { AppendReq, AppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerWritableStream,
  status,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { EventStoreDbLog } from './eventstoredb-log.ts';
import { appendConflict, appendSuccess, appendTarget, nameOf, proposedEvent } from './eventstoredb-messages.ts';
import { readStream, type ServedEvents, serveSubscription } from './eventstoredb-reads.ts';
import { SeverableProxy } from './severable-proxy.ts';

/** What goes wrong with the next appends. `written`: the log has it nevertheless. */
export type AppendFault =
  | { readonly fault: 'silent' | 'cut'; readonly written: boolean }
  | { readonly fault: 'denied' | 'tooLarge' | 'withoutPosition' };

/** What goes wrong with the next reads and subscriptions. */
export type ReadFault = 'silent' | 'cut' | 'denied';

type Options = {
  readonly log?: EventStoreDbLog;
  readonly tls?: { readonly key: Buffer; readonly certificate: Buffer };
};
type Follower = { readonly leaderPort: number };
type Refusal = { readonly code: status; readonly details: string; readonly metadata: Metadata };

/**
 * Speaks EventStoreDB's protocol through the client's own service definitions, as far as the adapter uses it. It proves
 * how the adapter reads and writes the protocol, not how a real server behaves.
 */
export class EventStoreDbProtocolServer {
  readonly log: EventStoreDbLog;
  readonly served: ServedEvents = { prepareOffset: 0n, checkpointsEvery: 1 };
  /** Appends as they came, by stream; and the `authorization` of each call. */
  readonly appends: string[] = [];
  readonly authorizations: string[] = [];
  readonly #server = new Server();
  readonly #tls: Options['tls'];
  readonly #appendFaults: AppendFault[] = [];
  readonly #readFaults: ReadFault[] = [];
  #proxy: SeverableProxy | null = null;
  #follower: Follower | null = null;
  subscriptions = 0;

  private constructor({ log = new EventStoreDbLog(), tls }: Options) {
    this.log = log;
    this.#tls = tls;
  }

  static async start(options: Options = {}): Promise<EventStoreDbProtocolServer> {
    const started = new EventStoreDbProtocolServer(options);
    await started.#listen();
    return started;
  }

  get proxy(): SeverableProxy {
    if (this.#proxy === null) throw new Error('the server is not listening');
    return this.#proxy;
  }

  get port(): number {
    return this.proxy.port;
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=${this.#tls !== undefined}`;
  }

  scriptAppends(...faults: readonly AppendFault[]): void {
    this.#appendFaults.push(...faults);
  }

  scriptReads(...faults: readonly ReadFault[]): void {
    this.#readFaults.push(...faults);
  }

  /** From now on it sends away whoever needs the leader. */
  follow(leaderPort: number): void {
    this.#follower = { leaderPort };
  }

  async stop(): Promise<void> {
    await this.proxy.close();
    this.#server.forceShutdown();
  }

  async #listen(): Promise<void> {
    const streams: Pick<IStreamsServer, 'read' | 'append'> = {
      // The caller may hang up in the middle; then nothing was asked.
      append: (call, answer) => void this.#append(call, answer).catch(() => undefined),
      read: (call) => this.#read(call),
    };
    this.#server.addService(StreamsService, streams);
    const read: handleUnaryCall<unknown, gossip.ClusterInfo> = (_, answer) => answer(null, this.#members());
    this.#server.addService(GossipService, { read });
    const port = await new Promise<number>((resolve, reject) => {
      const bound = (error: Error | null, at: number): void => (error === null ? resolve(at) : reject(error));
      this.#server.bindAsync('127.0.0.1:0', this.#credentials(), bound);
    });
    this.#proxy = await SeverableProxy.start(port);
  }

  #credentials(): ServerCredentials {
    if (this.#tls === undefined) return ServerCredentials.createInsecure();
    return ServerCredentials.createSsl(null, [{ private_key: this.#tls.key, cert_chain: this.#tls.certificate }]);
  }

  async #append(call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>): Promise<void> {
    const messages: AppendReq[] = [];
    for await (const message of call) messages.push(message);
    const [first, ...events] = messages;
    if (first === undefined) return;
    const { stream, expected } = appendTarget(first);
    const away = this.#sentAway(call.metadata);
    if (away !== null) return answer(away);
    this.appends.push(stream);
    const scripted = this.#appendFaults.shift();
    if (scripted?.fault === 'denied') return answer(refusal(status.PERMISSION_DENIED, 'access-denied'));
    if (scripted?.fault === 'tooLarge') return answer(refusal(status.INVALID_ARGUMENT, 'maximum-append-size-exceeded'));
    if (scripted !== undefined && 'written' in scripted) {
      if (scripted.written) this.log.append(stream, expected, events.map(proposedEvent));
      if (scripted.fault === 'cut') this.proxy.cut();
      return;
    }
    const written = this.log.append(stream, expected, events.map(proposedEvent));
    if (written.answer === 'deleted') return answer(refusal(status.FAILED_PRECONDITION, 'stream-deleted', stream));
    if (written.answer === 'wrong') return answer(null, appendConflict(written.current));
    return answer(null, appendSuccess(written.revision, scripted === undefined ? written.position : null));
  }

  #read(call: ServerWritableStream<ReadReq, ReadResp>): void {
    const away = this.#sentAway(call.metadata);
    if (away !== null) return void call.emit('error', away);
    const scripted = this.#readFaults.shift();
    if (scripted === 'denied') return void call.emit('error', refusal(status.PERMISSION_DENIED, 'access-denied'));
    if (scripted === 'cut') return this.proxy.cut();
    if (scripted === 'silent') return;
    const options = call.request.getOptions();
    if (options?.hasStream() !== true) {
      this.subscriptions += 1;
      return serveSubscription(this.log, call, this.served);
    }
    const name = nameOf(options.getStream()?.getStreamIdentifier());
    if (this.log.readable(name) === 'deleted') {
      return void call.emit('error', refusal(status.FAILED_PRECONDITION, 'stream-deleted', name));
    }
    readStream(this.log, call, this.served);
  }

  #sentAway(metadata: Metadata): Refusal | null {
    this.authorizations.push(String(metadata.get('authorization')[0] ?? ''));
    if (this.#follower === null || metadata.get('requires-leader').length === 0) return null;
    const away = refusal(status.NOT_FOUND, 'not-leader');
    away.metadata.set('leader-endpoint-host', '127.0.0.1');
    away.metadata.set('leader-endpoint-port', String(this.#follower.leaderPort));
    return away;
  }

  #members(): gossip.ClusterInfo {
    const member = new gossip.MemberInfo();
    const endPoint = new gossip.EndPoint();
    endPoint.setAddress('127.0.0.1');
    endPoint.setPort(this.#follower?.leaderPort ?? this.port);
    member.setHttpEndPoint(endPoint);
    member.setIsAlive(true);
    member.setState(gossip.MemberInfo.VNodeState.LEADER);
    const info = new gossip.ClusterInfo();
    info.setMembersList([member]);
    return info;
  }
}

function refusal(code: status, exception: string, stream = ''): Refusal {
  const metadata = new Metadata();
  metadata.set('exception', exception);
  metadata.set('stream-name', stream);
  metadata.set('maximum-append-size', '1048576');
  return { code, details: exception, metadata };
}
