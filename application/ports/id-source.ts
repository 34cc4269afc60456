export interface IdSource {
  /** A new random UUID (version 4). */
  uuid(): string;
}
