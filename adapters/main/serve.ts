import type { Log } from '../../application/ports/log.ts';
import type { Configuration } from './configuration.ts';
import { ALL_IN_ONE } from './process-role.ts';
import { startProcess, type StartedProcess } from './start-process.ts';

export type Served = StartedProcess & { readonly url: string };

/** The API and every compute service in one process; see `startProcess`. */
export async function serve(configuration: Configuration, log: Log): Promise<Served> {
  const started = await startProcess(configuration, log, ALL_IN_ONE);
  if (started.url === null) throw new Error('serve: no address');
  return { ...started, url: started.url };
}
