import { inquireGuest } from './inquire-guest.ts';
import { hostPair, type StepAnswer, type StepContext } from './saga-step-context.ts';

/** What two looks tell about a migration that ended without a clear word. */
export async function inquireMigration(context: StepContext, reason: string): Promise<StepAnswer> {
  const pair = hostPair(context);
  if (pair === null) return { outcome: 'unknown', reason };
  const found = await inquireGuest(pair.source, pair.destination, context.instance.instanceId);
  const seen = `${pair.source.host}: ${found.source}, ${pair.destination.host}: ${found.destination}`;
  switch (found.whereabouts) {
    case 'onDestination': {
      const figures = { downtimeMs: null, transferMs: null, memoryBytes: null, diskBytes: null };
      return { outcome: 'succeeded', value: { step: 'migrateGuest', figures, learnedBy: 'inquiry' } };
    }
    case 'onSource':
      return { outcome: 'failed', reason, checks: [] };
    case 'undetermined':
      return { outcome: 'unknown', reason: `${reason} (${seen})` };
  }
}
