const TAILS = new WeakMap<object, Promise<unknown>>();

/** Runs the tasks of one owner one after another; one that throws does not hold the next one up. */
export function inTurn<Value>(owner: object, task: () => Promise<Value>): Promise<Value> {
  const turn = (TAILS.get(owner) ?? Promise.resolve()).then(task);
  TAILS.set(
    owner,
    turn.catch(() => undefined),
  );
  return turn;
}
