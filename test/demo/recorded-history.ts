import { z } from 'zod';
import { requireCommand } from '../lab/run-command.ts';
import { LIFEBOAT, type DemoServer } from './demo-server.ts';

/** The migration's figures as the log has them; null where it has none. */
export type RecordedMigration = {
  readonly downtimeMs: number | null;
  readonly stagingMs: number | null;
  readonly artifacts: readonly { readonly name: string; readonly origin: string; readonly bytes: number }[];
  /** Every event of the server and of its migration, in the order of the log. */
  readonly history: readonly unknown[];
};

const AUDIT_DEADLINE_MS = 20_000;

const artifacts = z.array(z.object({ name: z.string(), origin: z.string(), bytes: z.number() }));
const stepResult = z.discriminatedUnion('step', [
  z.object({
    step: z.literal('stageArtifacts'),
    stagingMs: z.number(),
    artifacts,
  }),
  z.object({ step: z.literal('migrateGuest'), figures: z.object({ downtimeMs: z.number().nullable() }) }),
]);
const audit = z.object({
  history: z.array(z.looseObject({ data: z.looseObject({ type: z.string() }) })),
});

/** The history of a server and its migration, as `lifeboat audit show` prints it for people. */
export function auditForPeople(server: string, { storeUrl }: DemoServer): Promise<string> {
  return auditCommand(server, storeUrl, []);
}

/** The figures of the server's only migration, out of `lifeboat audit show --json`. */
export async function recordedMigration(server: string, { storeUrl }: DemoServer): Promise<RecordedMigration> {
  const { history } = audit.parse(JSON.parse(await auditCommand(server, storeUrl, ['--json'])));
  const results = history.flatMap(({ data }) => stepResult.safeParse(data['result']).data ?? []);
  const staged = results.find((result) => result.step === 'stageArtifacts');
  const stagedLater = history.flatMap(({ data }) => artifacts.safeParse(data['artifacts']).data ?? []);
  const migrated = results.find((result) => result.step === 'migrateGuest');
  return {
    downtimeMs: migrated?.figures.downtimeMs ?? null,
    stagingMs: staged?.stagingMs ?? null,
    artifacts: [...(staged?.artifacts ?? []), ...stagedLater],
    history,
  };
}

function auditCommand(server: string, storeUrl: string, options: readonly string[]): Promise<string> {
  const argv = [process.execPath, LIFEBOAT, 'audit', 'show', server, '--store', storeUrl, ...options];
  return requireCommand(argv, { deadlineMs: AUDIT_DEADLINE_MS });
}
