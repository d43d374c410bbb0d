/** What the author of a page has put into an `<etcd-playground>`. */

export interface Content {
  /** Keys and values that are there at first, in their order. */
  readonly seed: ReadonlyArray<readonly [key: string, value: string]>;
  readonly commands: readonly string[];
  /** No line can be typed. */
  readonly isReadOnly: boolean;
  /** The prefix that is watched; undefined if none is. */
  readonly watch: string | undefined;
}

/** @throws Error for a seed that is no JSON object */
export function contentOf(element: HTMLElement): Content {
  const child = (type: string): string | null =>
    element.querySelector(`:scope > script[type="${type}"]`)?.textContent ?? null;
  return {
    seed: parseSeed(element.getAttribute("seed") ?? child("application/json") ?? "{}"),
    commands: parseCommands(element.getAttribute("commands") ?? child("text/etcdctl") ?? ""),
    isReadOnly: element.hasAttribute("readonly"),
    watch: element.getAttribute("watch") ?? undefined,
  };
}

/** Values that are no text are stored as JSON. */
export function parseSeed(text: string): Content["seed"] {
  let seed: unknown;
  try {
    seed = JSON.parse(text);
  } catch (error) {
    throw new Error(`the seed is no JSON: ${(error as Error).message}`);
  }
  if (typeof seed !== "object" || seed === null || Array.isArray(seed)) {
    throw new Error("the seed is no JSON object of keys and values");
  }
  return Object.entries(seed).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
}

/** One a line; a line that ends in `\` goes on, and `#` begins a comment. */
export function parseCommands(text: string): string[] {
  const joined = text.replace(/\\\r?\n\s*/g, " ");
  const lines = joined.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}
