import type { Command } from 'commander';
import { type CheckedAnchor, readAnchor } from '../event-store/evidence/anchor.ts';
import { readPublicKey } from '../event-store/evidence/anchor-key.ts';
import { addStoreOptions, storeUrl, type StoreOptions } from './store-option.ts';
import { NOT_AS_RECORDED, verificationText, verifiedLog } from './verified-log.ts';

const HELP = `
Every event is chained to the one before it (SQLite: in the log; EventStoreDB: in its stream), so an event that was
changed, taken out, put in or moved is found, and the first one is named. Who can write the file can write a new chain
too, or cut off the end: that is found with anchors only, which "lifeboat audit anchor" signs and you keep elsewhere.

Without --public-key an anchor's signature is checked with the key that the anchor itself names: compare the fingerprint.

Exit status: 0 the log is as it was recorded, 2 it is not, 1 it could not be read.

Examples:
  lifeboat audit verify --config /etc/lifeboat.json
  lifeboat audit verify --store sqlite:events.db --anchor /mnt/safe/*.anchor --public-key anchor.key.pub --json`;

const WITHOUT_ANCHORS =
  'No anchor was given: whether the end was cut off, or the whole chain made anew, cannot be told.';

const KEY_WITHOUT_ANCHORS = '--public-key says who must have signed the anchors; give them too, with --anchor FILE';

type VerifyOptions = StoreOptions & {
  readonly anchor: readonly string[];
  readonly publicKey?: string;
  readonly json?: boolean;
};

/** Adds `lifeboat audit verify`. */
export function addAuditVerifyCommand(audit: Command): void {
  addStoreOptions(audit.command('verify'))
    .description('prove that the log was not altered, or name the first bad event')
    .option(
      '--anchor <file...>',
      'signed anchors of this log, in any order',
      (file, files: string[]) => [...files, file],
      [],
    )
    .option('--public-key <file>', 'the key that must have signed them')
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(async ({ anchor: files, publicKey, json, ...store }: VerifyOptions) => {
      if (publicKey !== undefined && files.length === 0) throw new Error(KEY_WITHOUT_ANCHORS);
      const trusted = publicKey === undefined ? null : readPublicKey(publicKey);
      const anchors = files.map((file) => readAnchor(file, trusted));
      const verification = await verifiedLog(storeUrl(store), anchors);
      if (json === true) {
        const ok = verification.finding === null;
        console.log(JSON.stringify({ ok, ...verification, anchors: anchors.map(anchorJson) }));
      } else {
        const told = anchors.length === 0 ? [WITHOUT_ANCHORS] : anchors.map(anchorText);
        console.log([verificationText(verification), ...told].join('\n'));
      }
      if (verification.finding !== null) process.exitCode = NOT_AS_RECORDED;
    });
}

const anchorJson = ({ file, anchor, fingerprint }: CheckedAnchor) => ({
  file,
  takenAt: anchor.takenAt,
  events: anchor.events,
  signedBy: fingerprint,
});

const anchorText = ({ file, anchor, fingerprint }: CheckedAnchor): string =>
  `anchor ${file}: ${anchor.events} events at ${anchor.takenAt}, signed by ${fingerprint}`;
