import { request as httpRequest, type Agent } from 'node:http';

export type Question = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | null;
};

export type Reply = {
  readonly status: number;
  /** By lower-case name; a header that was sent twice has two values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly text: string;
};

const REPLY_DEADLINE_MS = 15_000;

/** One request as it stands. Rejects when no whole reply comes within REPLY_DEADLINE_MS: nothing may hang. */
export function exchange(port: number, agent: Agent, { method, path, headers, payload }: Question): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = payload === null ? {} : { 'content-length': String(Buffer.byteLength(payload)) };
    const options = { host: '127.0.0.1', port, agent, method, path, headers: { ...headers, ...length } };
    const sent = httpRequest({ ...options, signal: AbortSignal.timeout(REPLY_DEADLINE_MS) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: headerValues(response.rawHeaders),
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    sent.on('error', reject);
    sent.end(payload ?? undefined);
  });
}

function headerValues(raw: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, readonly string[]>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    values.set(name, [...(values.get(name) ?? []), raw[index + 1] ?? '']);
  }
  return values;
}
