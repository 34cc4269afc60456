/** What the operating system's short codes mean, and what to do; see errno(3). */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory; check the path',
  EEXIST: 'it exists; name another file, or move it away',
  EISDIR: 'it is a directory; name a file',
  ENOTDIR: 'a part of the path is no directory; check the path',
  EACCES: 'no permission; grant it to this user',
  EPERM: 'no permission; grant it to this user',
  EROFS: 'it is on a file system that cannot be written; name another file',
  ENOSPC: 'no space is left on the device; free some',
};

/** One sentence for the operator about whatever was thrown: what happened, why, and what to do next. */
export function failureSentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = fieldsOf(error);
  const meaning = MEANINGS[code];
  if (meaning === undefined) return error.message;
  return `${path ?? 'the output'}: ${meaning} (${code})`;
}

function fieldsOf(error: Error): { readonly code: string; readonly path: string | null } {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const path = 'path' in error && typeof error.path === 'string' ? error.path : null;
  return { code, path };
}
