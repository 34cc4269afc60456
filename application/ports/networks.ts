/** What servers can be plugged into, as the operator has configured it. */
export type Network = { readonly id: string; readonly name: string };
