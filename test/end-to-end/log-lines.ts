import type { Log } from '../../application/ports/log.ts';

export type LogLine = {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
};

/** A log that a test can read. */
export function logInto(lines: LogLine[]): Log {
  const write =
    (level: LogLine['level']): Log['info'] =>
    (fields, message) => {
      lines.push({ level, fields, message });
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}
