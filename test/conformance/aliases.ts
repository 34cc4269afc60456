/**
 * Names of the recording and what stands for them here. Numbers of migrations are known by the words around them, and
 * everything else, being a UUID, wherever it stands.
 */
export class Aliases {
  readonly #ours = new Map<string, string>();
  readonly #numbers = new Map<string, string>();

  learn(recorded: string, ours: string): void {
    this.#ours.set(recorded, ours);
  }

  learnMigrationNumber(recorded: string, ours: number): void {
    this.#numbers.set(recorded, String(ours));
  }

  find(recorded: string): string | null {
    return this.#ours.get(recorded) ?? null;
  }

  knowsMigrationNumber(recorded: string): boolean {
    return this.#numbers.has(recorded);
  }

  /** A recorded text as it would read here. */
  translated(text: string): string {
    const withIds = text.replaceAll(UUID, (id) => this.#ours.get(id) ?? id);
    return withIds.replaceAll(MIGRATION_NUMBER, (found, before: string, number: string) => {
      const ours = this.#numbers.get(number);
      return ours === undefined ? found : `${before}${ours}`;
    });
  }

  /** True for an id that a comparison must not overlook. */
  isOurs(id: string): boolean {
    return [...this.#ours.values()].includes(id);
  }
}

export const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const MIGRATION_NUMBER = /(\/migrations\/|[Mm]igration )(\d+)/g;
