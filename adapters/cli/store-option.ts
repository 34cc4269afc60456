import type { Command } from 'commander';
import { readConfiguration } from '../main/configuration.ts';

export type StoreOptions = { readonly config?: string; readonly store?: string };

/** For commands that read or write the log without a running Lifeboat. */
export function addStoreOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file that names the store (LIFEBOAT_CONFIG)')
    .option('-s, --store <url>', 'the store itself, such as sqlite:/var/lib/lifeboat/events.db');
}

/** Throws a sentence for the operator when no store is named. */
export function storeUrl({ config, store }: StoreOptions): { readonly key: string; readonly url: string } {
  if (store !== undefined) return { key: '--store', url: store };
  const path = config ?? process.env['LIFEBOAT_CONFIG'];
  if (path === undefined) throw new Error('which store? Give --store sqlite:FILE, or --config FILE that names one');
  const answer = readConfiguration(path, process.env);
  if (!answer.valid) throw new Error(`the configuration is not valid\n  ${answer.problems.join('\n  ')}`);
  return { key: 'store', url: answer.configuration.store };
}
