import type { Command } from 'commander';
import { hashPassword, PASSWORD_BYTES_MAX } from '../identity/password-hash.ts';

const HELP = `
The password is read from the standard input, up to the end of its first line, so that it stands in no history:
  printf %s 'correct horse' | lifeboat identity hash-password
  read -rs P; printf %s "$P" | lifeboat identity hash-password

What is printed is the value of "passwordHash" of a user in the file that identity.file names:
  {
    "projects": [{ "name": "admin" }, { "name": "demo" }],
    "users": [
      { "name": "admin", "passwordHash": "$scrypt$...", "projects": { "admin": ["admin"] } },
      { "name": "demo", "passwordHash": "$scrypt$...", "projects": { "demo": ["member"] } }
    ]
  }`;

/** Adds `lifeboat identity hash-password`. */
export function addIdentityCommand(program: Command): void {
  program
    .command('identity')
    .description('the file of users of the built-in identity service')
    .command('hash-password')
    .description('print the hash of a password')
    .addHelpText('after', HELP)
    .action(async () => {
      const password = await firstLine(process.stdin);
      if (password === '') throw new Error('no password on the standard input');
      process.stdout.write(`${await hashPassword(password)}\n`);
    });
}

async function firstLine(input: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  let seenBytes = 0;
  for await (const chunk of input) {
    chunks.push(Buffer.from(chunk));
    seenBytes += chunk.length;
    if (seenBytes > PASSWORD_BYTES_MAX) throw new Error(`the password is longer than ${PASSWORD_BYTES_MAX} bytes`);
    // From a terminal the end of the line is the end of the password.
    if (chunk.includes('\n')) break;
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n[^]*$/, '');
}
