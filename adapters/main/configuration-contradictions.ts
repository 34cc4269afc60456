/** The keys that can contradict each other. */
type Keys = {
  readonly hosts: readonly { readonly name: string }[];
  readonly networks: readonly { readonly id: string; readonly onHosts: Readonly<Record<string, unknown>> }[];
};

/** What no single key shows: a sentence for each thing that two keys say differently. */
export function contradictions({ hosts, networks }: Keys): readonly string[] {
  const names = hosts.map(({ name }) => name);
  const ids = networks.map(({ id }) => id);
  return [
    ...twice(names).map((name) => `hosts: found ${name} twice; expected each host once`),
    ...twice(ids).map((id) => `networks: found ${id} twice; expected each network once`),
    ...networks.flatMap(({ onHosts }, index) =>
      Object.keys(onHosts)
        .filter((host) => !names.includes(host))
        .map((host) => `networks.${index}.onHosts: found ${host}; expected names of hosts only`),
    ),
  ];
}

const twice = (values: readonly string[]): readonly string[] => [
  ...new Set(values.filter((value, index) => values.indexOf(value) !== index)),
];
