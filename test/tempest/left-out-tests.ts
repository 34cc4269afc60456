/** Tests that pass against a real Nova and not here, each with its reason. docs/tempest.md is made from it. */
export const LEFT_OUT_TESTS: ReadonlyMap<string, string> = new Map([]);
