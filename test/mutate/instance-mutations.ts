import { mutations } from './mutation.ts';

const DECIDE = 'domain/instance/decide-instance.ts';
const EVOLVE = 'domain/instance/evolve-instance.ts';

/** Bugs in what becomes of one server. */
export const INSTANCE_MUTATIONS = mutations(
  ['test/domain', 'test/properties'],
  [
    {
      name: 'evolve-mutates',
      file: EVOLVE,
      find: 'return { ...state, ...changes(state, event), updatedAt: event.at };',
      replace: 'return Object.assign(state, changes(state, event), { updatedAt: event.at });',
      why: 'A decision taken on the state before would see the state after.',
    },
    {
      name: 'clock-in-decide',
      file: DECIDE,
      find: "accept({ type: 'InstanceLocked', reason, initiator, at })",
      replace: "accept({ type: 'InstanceLocked', reason, initiator, at: new Date().toISOString() as never })",
      why: 'A replay would tell another time than the log.',
    },
    {
      name: 'map-in-state',
      file: EVOLVE,
      find: '    metadata: event.metadata,',
      replace: '    metadata: new Map(Object.entries(event.metadata)),',
      why: 'A state that is no JSON cannot be kept in a snapshot.',
    },
    {
      name: 'migration-id-forgotten',
      file: DECIDE,
      find: 'if (state.migration === command.migrationId) return accept();',
      replace: '',
      why: 'The same request told twice would be refused the second time.',
    },
    {
      name: 'completion-of-a-foreign-migration',
      file: DECIDE,
      find: 'if (state.migration !== migrationId) return accept();',
      replace: '',
      why: 'A late word of an old migration would end the one in flight.',
    },
    {
      name: 'unrescue-while-migrating',
      file: 'domain/instance/state-check.ts',
      find: 'if (taskState !== null) return',
      replace: "if (taskState !== null && action !== 'unrescue') return",
      why: 'The guest would be redefined under a running migration.',
    },
    {
      name: 'task-state-kept-after-migration',
      file: EVOLVE,
      find: 'return { migration: null, ...ifNotDeleting(state, { task: null }) };',
      replace: 'return { migration: null };',
      why: 'The server would be migrating for ever.',
    },
    {
      name: 'host-not-moved',
      file: EVOLVE,
      find: 'return { host: event.host };',
      replace: 'return {};',
      why: 'Unrescue would look for the server on the host it has left.',
    },
    {
      name: 'rescue-record-dropped-by-reset-state',
      file: EVOLVE,
      find: 'return { ...abandonedRescue(state), vmState: event.vmState,',
      replace: 'return { ...abandonedRescue(state), rescue: null, vmState: event.vmState,',
      why: 'An operator’s reset would lose the way back to the original machine.',
    },
    {
      name: 'rescue-overtaken-by-a-reset-forgets-the-original',
      file: EVOLVE,
      find: 'return { ...abandonedRescue(state), vmState: event.vmState,',
      replace: 'return { vmState: event.vmState,',
      why: 'A guest that was already touched could not be given back its definition.',
    },
    {
      name: 'reset-state-frees-a-migrating-server',
      file: EVOLVE,
      find: '...(isUnstoppable(state) ? {} : { task: null }) };',
      replace: 'task: null };',
      why: 'A second migration could start beside the first.',
    },
    {
      name: 'delete-does-not-wait-for-the-migration',
      file: 'domain/instance/next-instance-effect.ts',
      find: "return state.migration === null ? { effect: 'destroy', host, alsoOn: otherCopy(state) } : null;",
      replace: "return { effect: 'destroy', host, alsoOn: otherCopy(state) };",
      why: 'The guest could arrive on the other host after it was deleted.',
    },
    {
      name: 'outcome-of-another-effect-heard',
      file: 'domain/instance/decide-effect-outcome.ts',
      find: 'awaited === null || awaited.effect !== effectOutcome.effect',
      replace: 'awaited === null',
      why: 'A late answer would be taken for the one that is awaited.',
    },
    {
      name: 'second-rescue-records-the-rescue-as-original',
      file: EVOLVE,
      find: 'original: state.rescue?.original ?? null }',
      replace: 'original: null }',
      why: 'The rescue disk’s definition would be restored as the owner’s machine.',
    },
  ],
);
