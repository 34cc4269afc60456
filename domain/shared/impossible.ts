/** The `default` of an exhaustive switch: a new case fails to compile here, and corrupt data throws with its place. */
export function impossible(value: never, place: string): never {
  throw new Error(`${place}: impossible case ${JSON.stringify(value)}`);
}
