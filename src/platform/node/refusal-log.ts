import type { Log, LogFields } from "./log.ts";

/** What limits have refused: the first time by each limit is worth a warning, and more than that would be a flood, too. */
export class RefusalLog {
  readonly #log: Log;
  readonly #told = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param flag of the limit, without its dashes */
  add(flag: string, message: string, fields: LogFields = {}): void {
    const text = `${message}, see --${flag}`;
    if (this.#told.has(flag)) this.#log.debug(text, fields);
    else this.#log.warn(text, fields);
    this.#told.add(flag);
  }
}
