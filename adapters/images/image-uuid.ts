const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Only such a text may become part of a file name or of a URL's path; any other names no image. */
export function isImageUuid(text: string): boolean {
  return CANONICAL_UUID.test(text);
}
