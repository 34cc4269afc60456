import { describe, expect, it } from 'vitest';
import { KeyedQueue } from '../../application/keyed-queue.ts';
import { Slots } from '../../application/slots.ts';

/** A task that notes its begin and its end, and ends when told to. */
function task(notes: string[], name: string) {
  const gate = Promise.withResolvers<void>();
  return {
    end: gate.resolve,
    run: async () => {
      notes.push(`${name} begins`);
      await gate.promise;
      notes.push(`${name} ends`);
    },
  };
}

/** Until every promise that can go on has gone on. */
const turn = () => new Promise((resolve) => void setImmediate(resolve));

describe('a keyed queue', () => {
  it('runs tasks of one key one after another and those of another key beside them', async () => {
    const notes: string[] = [];
    const queue = new KeyedQueue();
    const [first, second, other] = [task(notes, 'first'), task(notes, 'second'), task(notes, 'other')];
    const ended = [queue.run('a', first.run), queue.run('a', second.run), queue.run('b', other.run)];
    await turn();
    expect(notes).toEqual(['first begins', 'other begins']);
    second.end();
    other.end();
    first.end();
    await Promise.all(ended);
    expect(notes.filter((note) => !note.startsWith('other'))).toEqual([
      'first begins',
      'first ends',
      'second begins',
      'second ends',
    ]);
  });

  it('goes on with a key after its tasks have ended', async () => {
    const notes: string[] = [];
    const queue = new KeyedQueue();
    for (const name of ['first', 'second']) {
      const { run, end } = task(notes, name);
      end();
      await queue.run('a', run);
    }
    expect(notes).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });
});

describe('slots', () => {
  it('are held by so many at a time for each key, and handed on in the order of arrival', async () => {
    const notes: string[] = [];
    const slots = new Slots(2);
    const tasks = ['1', '2', '3', '4'].map((name) => task(notes, name));
    const held = tasks.map(({ run }) => slots.hold('a', run));
    const other = task(notes, 'other');
    const otherHeld = slots.hold('b', other.run);
    await turn();
    expect(notes).toEqual(['1 begins', '2 begins', 'other begins']);
    tasks[1]?.end();
    await turn();
    expect(notes.slice(3)).toEqual(['2 ends', '3 begins']);
    for (const { end } of [...tasks, other]) end();
    await Promise.all([...held, otherHeld]);
    expect(notes.slice(-2)).toEqual(['4 begins', '4 ends']);
  });

  it('are given back by a task that throws', async () => {
    const slots = new Slots(1);
    await expect(slots.hold('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await slots.hold('a', async () => 'held')).toBe('held');
  });

  it('are as many as before after a crowd has gone', async () => {
    const notes: string[] = [];
    const slots = new Slots(1);
    await Promise.all(['1', '2', '3'].map((name) => slots.hold('a', async () => void notes.push(name))));
    const [left, right] = [task(notes, 'left'), task(notes, 'right')];
    const held = [slots.hold('a', left.run), slots.hold('a', right.run)];
    await turn();
    expect(notes).toEqual(['1', '2', '3', 'left begins']);
    left.end();
    right.end();
    await Promise.all(held);
  });
});
