/**
 * JSON texts as trees that keep every byte but the blanks: names and values stay as they were written, in their
 * order. Two texts with equal trees differ in blanks only, which protojson puts at random.
 */

export type Scalar = { readonly kind: "scalar"; raw: string };
export type List = { readonly kind: "list"; items: JsonNode[] };
/** Names with their quotes. */
export type Struct = { readonly kind: "struct"; readonly fields: [name: string, value: JsonNode][] };
export type JsonNode = Scalar | List | Struct;

/** The JSON values that a text holds one after the other, or undefined if it is anything else. */
export function parseJsonSequence(text: string): JsonNode[] | undefined {
  const reader = new Reader(text);
  const nodes: JsonNode[] = [];
  try {
    while (!reader.isDone()) nodes.push(reader.value());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return nodes;
}

export function writeJson(node: JsonNode): string {
  switch (node.kind) {
    case "scalar":
      return node.raw;
    case "list":
      return `[${node.items.map(writeJson).join(",")}]`;
    case "struct":
      return `{${node.fields.map(([name, value]) => `${name}:${writeJson(value)}`).join(",")}}`;
  }
}

/** The field of a struct by its unquoted name. */
export function field(node: JsonNode | undefined, name: string): JsonNode | undefined {
  return node?.kind === "struct" ? node.fields.find(([quoted]) => quoted === `"${name}"`)?.[1] : undefined;
}

const STRING = /"(?:[^"\\]|\\.)*"/y;
const SCALAR = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/y;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isDone(): boolean {
    this.#skip(/[ \t\r\n]*/y);
    return this.#at === this.#text.length;
  }

  value(): JsonNode {
    if (this.#takes("{")) return this.#struct();
    if (this.#takes("[")) return this.#list();
    return { kind: "scalar", raw: this.#token(SCALAR) };
  }

  #struct(): Struct {
    const fields: Struct["fields"] = [];
    while (!this.#takes("}")) {
      if (fields.length > 0) this.#must(",");
      const name = this.#token(STRING);
      this.#must(":");
      fields.push([name, this.value()]);
    }
    return { kind: "struct", fields };
  }

  #list(): List {
    const items: JsonNode[] = [];
    while (!this.#takes("]")) {
      if (items.length > 0) this.#must(",");
      items.push(this.value());
    }
    return { kind: "list", items };
  }

  #takes(character: string): boolean {
    this.isDone();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #must(character: string): void {
    if (!this.#takes(character)) throw new SyntaxError(`no ${character} at ${this.#at}`);
  }

  #token(pattern: RegExp): string {
    this.isDone();
    const found = this.#skip(pattern);
    if (found === "") throw new SyntaxError(`no token at ${this.#at}`);
    return found;
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }
}
