/** Thrown when nothing came in time. The work waited for is not stopped by it; the caller aborts that. */
export class DeadlineError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'DeadlineError';
  }
}

export async function withDeadline<Value>(work: Promise<Value>, milliseconds: number, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`${what} did not come within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
