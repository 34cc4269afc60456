import { lasting, type Strike } from './struck-cloud.ts';

/** An address that nobody has: frames to it arrive and are thrown away, as in a one-way street. */
const NOBODYS_ADDRESS = '02:00:00:00:00:99';
const EITHER_WAY = 0.5;

/** Both directions between the hosts at once. */
export const cutNetwork: Strike = async ({ cloud }) => {
  const { lab } = cloud.libvirt;
  await lab.cutLink();
  return lasting(() => lab.healLink());
};

/** What one host sends never arrives; it still hears the other. */
export const halfCutNetwork: Strike = async ({ route }, { variant }) => {
  const { source, destination } = route;
  const [mute, deaf] = variant < EITHER_WAY ? [source, destination] : [destination, source];
  const { interfaceName } = mute.lab.facts;
  const neighbour = [deaf.lab.facts.migrationAddress, 'dev', interfaceName] as const;
  await mute.run(
    'ip',
    'neighbour',
    'replace',
    ...neighbour.slice(0, 1),
    'lladdr',
    NOBODYS_ADDRESS,
    'nud',
    'permanent',
    ...neighbour.slice(1),
  );
  return lasting(async () => void (await mute.run('ip', 'neighbour', 'del', ...neighbour)));
};

/** Requests reach the destination's libvirtd and are carried out; no answer comes back, then the connections break. */
export const loseReplies: Strike = async ({ route }) => {
  const { relay } = route.destination;
  relay.losesReplies = true;
  return lasting(async () => {
    relay.cut();
    relay.losesReplies = false;
  });
};
