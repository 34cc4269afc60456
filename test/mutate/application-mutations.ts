import { mutations } from './mutation.ts';

const HANDLE = 'application/handle-command.ts';
const VIEWS = 'application/views/views.ts';
const MEMORY_STORE = ['test/contracts/memory-event-store.spec.ts'];
const SIMULATED = ['test/contracts/simulated-driver.spec.ts', 'test/contracts/simulated-migration.spec.ts'];

/** Bugs in what carries decisions out, and in what keeps and shows them. */
export const APPLICATION_MUTATIONS = mutations(
  ['test/application', 'test/properties'],
  [
    {
      name: 'view-goes-back-in-time',
      file: VIEWS,
      find: 'if (event.position <= this.#position) return;',
      replace: '',
      why: 'A redelivered event would show yesterday’s state, or stop the views.',
    },
    {
      name: 'rollback-not-projected',
      file: 'domain/migration/migration-status.ts',
      find: "return saga.failedStep === 'selectDestination' ? 'error' : 'failed';",
      replace: "return 'running';",
      why: 'An operator would wait for a migration that has ended.',
    },
    {
      name: 'store-ignores-revision',
      file: 'adapters/event-store/memory-event-store.ts',
      find: 'if (append.firstRevision !== rows.length) return this.#repeated(append, rows);',
      replace: '',
      why: 'Two decisions taken on the same state would both be recorded.',
      tests: MEMORY_STORE,
    },
    {
      name: 'no-retry-after-a-conflict',
      file: HANDLE,
      find: 'retries <= CONFLICT_RETRIES_MAX;',
      replace: 'retries <= 0;',
      why: 'Requests at the same time would be answered with an error of ours.',
    },
    {
      name: 'retry-with-stale-state',
      file: HANDLE,
      find: `  for (let retries = 0; retries <= CONFLICT_RETRIES_MAX; retries += 1) {
    const { state, revision } = await loadAggregate(eventStore, aggregate, stream);`,
      replace: `  const { state } = await loadAggregate(eventStore, aggregate, stream);
  for (let retries = 0; retries <= CONFLICT_RETRIES_MAX; retries += 1) {
    const { revision } = await loadAggregate(eventStore, aggregate, stream);`,
      why: 'A second migration would be accepted because the first was not seen.',
    },
    {
      name: 'append-at-a-fresh-revision',
      file: HANDLE,
      find: 'appendKnowing(eventStore, stream, revision, newEvents)',
      replace:
        'appendKnowing(eventStore, stream, (await loadAggregate(eventStore, aggregate, stream)).revision, newEvents)',
      why: 'What happened between reading and writing would be overlooked.',
    },
    {
      name: 'unknown-append-given-up',
      file: HANDLE,
      find: 'repeats < APPEND_REPEATS_MAX;',
      replace: 'repeats < 0;',
      why: 'A decision that may stand in the log would be reported as lost.',
    },
    {
      name: 'confirmed-before-inquiry',
      file: 'application/perform-transfer-steps.ts',
      find: '  return inquireMigration(context, answer.reason);',
      replace: `  const figures = { downtimeMs: null, transferMs: null, memoryBytes: null, diskBytes: null };
  return { outcome: 'succeeded', value: { step: 'migrateGuest', figures, learnedBy: 'inquiry' } };`,
      why: 'The source would go although the destination never ran: no copy is left.',
    },
    {
      name: 'source-resumes-beside-a-running-destination',
      file: 'application/perform-saga-undo.ts',
      find: 'if (!mayResumeSource(found.source, found.destination)) {',
      replace: 'if (false) {',
      why: 'Two copies of one server would write to what belongs to one.',
    },
    {
      name: 'incoming-guest-counts-as-here',
      file: 'application/inquire-guest.ts',
      find: "  if (presence.incoming) return 'inMigration';\n",
      replace: '',
      why: 'A paused copy that waits for Finish would be taken for the running guest.',
    },
    {
      name: 'image-service-error-falls-back-while-staging',
      file: 'application/stage-artifacts.ts',
      find: "answer.answer === 'failed' ? 'imageServiceFailed' : answer.answer,",
      replace: "answer.answer === 'failed' ? 'imageNotFound' : answer.answer,",
      why: 'A half-broken image service would not be seen.',
    },
    {
      name: 'files-not-read-back',
      file: 'application/perform-transfer-steps.ts',
      find: ', readBackArtifacts(staging, written ?? [])',
      replace: '',
      why: 'The guest would run from a damaged kernel at its next boot, and the good one would be removed.',
    },
    {
      name: 'files-of-a-dead-process-trusted',
      file: 'application/perform-transfer-steps.ts',
      find: 'written === null ? await stageArtifacts(staging, beforePrepare) : succeeded([])',
      replace: 'succeeded([])',
      why: 'What a process wrote before it died would never be read back.',
    },
    {
      name: 'altered-definition-staged',
      file: 'application/stage-artifacts.ts',
      find: 'found !== null && recorded.equals(found)',
      replace: 'found !== null',
      why: 'The log would say that the file came from the source host when it did not.',
    },
    {
      name: 'checkpoint-before-the-effect',
      file: 'application/run-subscription.ts',
      find: 'const reached = oldest === undefined ? newest : oldest.before;',
      replace: 'const reached = newest;',
      why: 'A crash would lose requests that were answered 202.',
    },
    {
      name: 'given-up-counts-as-done',
      file: 'application/run-subscription.ts',
      find: '      if (signal.aborted) return;\n',
      replace: '',
      why: 'What a shutdown interrupts would be forgotten.',
    },
    {
      name: 'read-back-hash-skipped',
      file: 'adapters/simulated/simulated-artifact-transfer.ts',
      find: 'if (sha256(file.content) === sent) return',
      replace: 'if (true) return',
      why: 'A broken upload leaves a file of full size; unrescue would boot rubbish.',
      tests: ['test/contracts/simulated-artifact-transfer.spec.ts'],
    },
    {
      name: 'foreign-directory-cleared',
      file: 'adapters/simulated/simulated-migration-destination.ts',
      find: 'directory !== undefined && isComing(directory, description.migrationId)',
      replace: 'directory !== undefined',
      why: 'The disks of a server that lives there would be deleted.',
      tests: SIMULATED,
    },
    {
      name: 'foreign-directory-prepared',
      file: 'adapters/simulated/simulated-migration-destination.ts',
      find: 'standing !== undefined && standing.ownerMigration !== description.migrationId',
      replace: 'false',
      why: 'Empty disks would be laid over the disks of another.',
      tests: SIMULATED,
    },
    {
      name: 'read-back-hash-skipped-on-libvirt',
      file: 'adapters/artifacts/libvirt-volume-artifact-transfer.ts',
      find: 'return sha256 === written.sha256 && bytes === written.bytes',
      replace: 'return true',
      why: 'A broken upload leaves a file of full size; unrescue would boot rubbish.',
      tests: ['test/contracts/libvirt-artifact-transfer.lab.spec.ts'],
      lab: true,
    },
    {
      name: 'foreign-directory-cleared-on-libvirt',
      file: 'adapters/libvirt/migration-destination.ts',
      find: 'if (owned.value) return host',
      replace: 'return host',
      why: 'The disks of a server that lives there would be deleted.',
      tests: ['test/contracts/libvirt-driver.lab.spec.ts'],
      lab: true,
    },
    {
      name: 'hangup-ignored',
      file: 'adapters/cli/run-process.ts',
      find: "  process.on('SIGHUP', () => void reload(path, started, log));\n",
      replace: "  process.on('SIGHUP', () => undefined);\n",
      why: 'An upgraded fleet would be refused until somebody restarts the process.',
      tests: ['test/adapters/cli/hangup.spec.ts'],
    },
  ],
);
