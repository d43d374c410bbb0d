/** The operation under way, on all sides at once, and the lines with which each side answers it. */
import type { Side } from "./side.ts";

export type Lines = string[];

/** What operations are performed on; see servers.ts for the exchange. */
export type Servers = {
  /** The first is the reference: the model learns from its replies. */
  readonly sides: readonly Side[];
  readonly canExchange: boolean;
  exchange(rootPassword: string | undefined): Promise<void>;
};

export class Step {
  readonly #servers: Servers;
  #lines: Lines[] = [];

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  get sides(): readonly Side[] {
    return this.#servers.sides;
  }

  get reference(): Side {
    return this.sides[0] as Side;
  }

  /** One list for each side. */
  get lines(): readonly Lines[] {
    return this.#lines;
  }

  begin(): void {
    this.#lines = this.sides.map(() => []);
  }

  add(index: number, ...lines: Lines): void {
    this.#lines[index]?.push(...lines);
  }

  async each(perform: (side: Side, index: number) => Promise<Lines>): Promise<void> {
    const lines = await Promise.all(this.sides.map(perform));
    for (const [index, more] of lines.entries()) this.add(index, ...more);
  }
}
