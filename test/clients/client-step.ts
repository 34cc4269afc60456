/** One command of a client and what must come of it. `{NAME}` stands for what an earlier step has captured. */
export type ClientStep = {
  readonly command: readonly string[];
  /** Of the process. */
  readonly exitCode: number;
  /** What standard output and standard error together must hold. */
  readonly says: readonly RegExp[];
  /** Started as a shell starts it, even where the others of its kind find Python's modules loaded already. */
  readonly isAlone: boolean;
  /** Standard output, without its line end, becomes this variable. */
  readonly captures: string | null;
  /** Standard output must be something else than this variable. */
  readonly differsFrom: string | null;
  /** Before the next step the server has this status and nothing is being done with it; `gone`: there is none. */
  readonly until: { readonly server: string; readonly status: string } | null;
};

type Rest = Partial<Omit<ClientStep, 'command'>>;

/** `line` is split at blanks, except within double quotes. */
export function step(line: string, rest: Rest = {}): ClientStep {
  const command = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  return { command, exitCode: 0, says: [], isAlone: false, captures: null, differsFrom: null, until: null, ...rest };
}

/** The stock client, asked for a microversion. */
export const at = (microversion: string): string => `openstack --os-compute-api-version ${microversion}`;

export const active = (server: string): NonNullable<ClientStep['until']> => ({ server, status: 'ACTIVE' });
export const rescued = (server: string): NonNullable<ClientStep['until']> => ({ server, status: 'RESCUE' });
export const gone = (server: string): NonNullable<ClientStep['until']> => ({ server, status: 'gone' });
