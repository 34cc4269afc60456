import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LineOutput } from '../../../adapters/cli/line-output.ts';

const HELD_BYTES_MAX = 1024;

/** A reader that takes one write at a time, when it is told to. */
class SlowReader extends Writable {
  readonly taken: string[] = [];
  #take: (error?: Error | null) => void = () => undefined;

  constructor() {
    super({ highWaterMark: HELD_BYTES_MAX });
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#take = (error) => {
      this.taken.push(chunk.toString());
      done(error);
    };
  }

  take(error?: Error): void {
    this.#take(error);
  }
}

const gone = (code: string): Error => Object.assign(new Error(`write ${code}`), { code });
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('LineOutput', () => {
  it('waits for a slow reader instead of holding its lines', async () => {
    const reader = new SlowReader();
    const output = new LineOutput(reader);
    const progress = { written: 0 };
    const writing = (async () => {
      for (; progress.written < 1000; progress.written += 1) await output.write('x'.repeat(99));
    })();
    await turn();
    expect(progress.written).toBeLessThan(1000);
    expect(reader.writableLength).toBeLessThanOrEqual(HELD_BYTES_MAX + 100);
    while (progress.written < 1000) {
      expect(reader.writableLength).toBeLessThanOrEqual(HELD_BYTES_MAX + 100);
      reader.take();
      await turn();
    }
    await writing;
    const flushed = output.flushed();
    while (reader.writableLength > 0) {
      reader.take();
      await turn();
    }
    reader.take();
    expect(await flushed).toBe(true);
    expect(reader.taken.join('')).toBe(`${'x'.repeat(99)}\n`.repeat(1000));
  });

  it('takes a reader that has gone for the end, and says that not everything has arrived', async () => {
    const reader = new SlowReader();
    const output = new LineOutput(reader);
    await output.write('first');
    const flushed = output.flushed();
    reader.take(gone('EPIPE'));
    expect(await flushed).toBe(false);
    expect(output.ended.aborted).toBe(true);
    await output.write('second');
    expect(await output.flushed()).toBe(false);
  });

  it('throws when the lines cannot be written', async () => {
    const reader = new SlowReader();
    const output = new LineOutput(reader);
    await output.write('first');
    const flushed = output.flushed();
    reader.take(gone('ENOSPC'));
    await expect(flushed).rejects.toThrow('ENOSPC');
    await expect(output.write('second')).rejects.toThrow('ENOSPC');
  });
});
