/** What was given for the flags, whoever gave it: texts that are values of their flags' types. */
import { parseDuration } from "../duration.ts";
import { ConfigError } from "../listen/urls.ts";
import { complaint, goBool, goInteger } from "./flag-types.ts";
import type { Flag } from "./flags.ts";

export class Values {
  readonly #texts = new Map<string, string>();

  /** @throws ConfigError in one line that names the flag */
  set({ name, type }: Flag, text: string): void {
    const reason = complaint(type, text);
    if (reason !== undefined) throw new ConfigError(`invalid value ${JSON.stringify(text)} for --${name}: ${reason}`);
    this.#texts.set(name, text);
  }

  /** The names of the flags that are given. */
  get names(): string[] {
    return [...this.#texts.keys()];
  }

  has(name: string): boolean {
    return this.#texts.has(name);
  }

  text(name: string): string | undefined {
    return this.#texts.get(name);
  }

  /** Undefined also for an empty text. */
  path(name: string): string | undefined {
    return this.#texts.get(name) || undefined;
  }

  /** Without doubles. */
  list(name: string): string[] | undefined {
    const text = this.#texts.get(name);
    if (text === undefined) return undefined;
    return text === "" ? [] : [...new Set(text.split(",").map((item) => item.trim()))];
  }

  bool(name: string): boolean | undefined {
    const text = this.#texts.get(name);
    return text === undefined ? undefined : goBool(text);
  }

  number(name: string): number | undefined {
    const text = this.#texts.get(name);
    return text === undefined ? undefined : Number(goInteger(text));
  }

  durationMs(name: string): number | undefined {
    const text = this.#texts.get(name);
    return text === undefined ? undefined : parseDuration(text);
  }
}
