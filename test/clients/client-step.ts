/** One command of a client and what must come of it. `{NAME}` stands for what an earlier step has captured. */
export type ClientStep = {
  readonly command: readonly string[];
  /** Of the process. */
  readonly exitCode: number;
  /** What standard output and standard error together must hold. */
  readonly says: readonly RegExp[];
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
  return { command, exitCode: 0, says: [], captures: null, differsFrom: null, until: null, ...rest };
}
