import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { CheckpointFile } from '../../../adapters/cli/checkpoint-file.ts';
import { newFile } from '../../contracts/sqlite-file.fixture.ts';

it('a checkpoint file begins where it is told, then where it was saved, and refuses what is no position', async () => {
  const path = newFile();
  const file = new CheckpointFile(path, 7);
  expect(await file.load()).toBe(7);
  await file.save('consumer', 1042);
  expect([readFileSync(path, 'utf8'), await file.load()]).toEqual(['1042\n', 1042]);
  for (const damaged of ['', '-1\n', '10 42\n', '99999999999999999999\n', 'null']) {
    writeFileSync(path, damaged);
    await expect(file.load()).rejects.toThrow(`${path} holds no position: write one into it, or remove it`);
  }
});

it('a checkpoint file that could not be saved is told before anything was consumed', async () => {
  const missing = join(dirname(newFile()), 'missing', 'position');
  const told = `${missing} cannot be kept there: ${dirname(missing)}: there is no such file or directory`;
  await expect(new CheckpointFile(missing, 0).load()).rejects.toThrow(told);
});
