import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readAnchor, signAnchor } from '../event-store/evidence/anchor.ts';
import { readPrivateKey, writeNewKey } from '../event-store/evidence/anchor-key.ts';
import { SystemClock } from '../system/system-clock.ts';
import { addStoreOptions, storeUrl, type StoreOptions } from './store-option.ts';
import { NOT_AS_RECORDED, verificationText, verifiedLog } from './verified-log.ts';

const ANCHOR_HELP = `
An anchor says how many events the log has and what their hash is, signed with your key (Ed25519). It proves what the log
was, also against somebody who may write the store: keep it, and the key, where the store's administrators cannot. It
holds after the log was moved to another store. A log that is not as it was recorded is not signed.

Examples:
  lifeboat audit key anchor.key                                         once; keeps anchor.key.pub beside it
  lifeboat audit anchor --key anchor.key > /mnt/safe/$(date +%F).anchor     each night
  lifeboat audit anchor --key anchor.key --out new.anchor --anchor old.anchor   only if the log still agrees with that`;

const KEY_HELP = `
Example:
  lifeboat audit key anchor.key     writes anchor.key (for you alone) and anchor.key.pub (for whoever verifies)`;

type AnchorOptions = StoreOptions & {
  readonly key: string;
  readonly anchor: readonly string[];
  readonly out?: string;
};

/** Adds `lifeboat audit anchor` and `lifeboat audit key`. */
export function addAuditAnchorCommands(audit: Command): void {
  addStoreOptions(audit.command('anchor'))
    .description('sign what the log is now, to be kept elsewhere')
    .requiredOption('--key <file>', 'Ed25519 private key in PEM')
    .option('--anchor <file...>', 'earlier anchors', (file, files: string[]) => [...files, file], [])
    .option('--out <file>', 'a new file, instead of the standard output')
    .addHelpText('after', ANCHOR_HELP)
    .action(async ({ key, anchor: files, out, ...store }: AnchorOptions) => {
      const privateKey = readPrivateKey(key);
      const verification = await verifiedLog(
        storeUrl(store),
        files.map((file) => readAnchor(file, null)),
      );
      if (verification.finding !== null) {
        console.error(verificationText(verification));
        process.exitCode = NOT_AS_RECORDED;
        return;
      }
      if (verification.events === 0) throw new Error('the log is empty: there is nothing to sign');
      const text = `${JSON.stringify(signAnchor(verification, new SystemClock().now(), privateKey), null, 2)}\n`;
      if (out === undefined) process.stdout.write(text);
      else writeFileSync(out, text, { flag: 'wx' });
    });
  audit
    .command('key')
    .description('make a key that signs anchors')
    .argument('<file>', 'a new file')
    .addHelpText('after', KEY_HELP)
    .action((file: string) => {
      const { publicKeyFile, fingerprint } = writeNewKey(file);
      console.log(`${file} signs, ${publicKeyFile} verifies; fingerprint ${fingerprint}`);
    });
}
