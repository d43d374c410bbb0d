/**
 * A request as JSON for the gateway, in one of the many ways in which it may be written: names in snake_case or
 * camelCase, numbers quoted or not, enums by name or number, base64 of both alphabets with and without its end,
 * defaults left out or written or null, blanks, unknown fields; and now and then wrong or broken.
 */
import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import type { Random } from "./random.ts";

/** The fields that hold a member's ID: written as the stand-in `#1`, see identity.ts. */
const MEMBER_ID_FIELDS: ReadonlySet<string> = new Set([
  "etcdserverpb.AlarmRequest.memberID",
  "etcdserverpb.MoveLeaderRequest.targetID",
  "etcdserverpb.MemberRemoveRequest.ID",
  "etcdserverpb.MemberUpdateRequest.ID",
  "etcdserverpb.MemberPromoteRequest.ID",
]);
const WRONG_VALUES: readonly string[] = ["{}", "[]", '"?"', "true", "-1.5", '"12x"', "1e400", '"\\ud800"', "[null]"];
/** Ways to write one and the same field that JSON's readers may not agree on, by its kind. */
const WILD: Readonly<Record<"bytes" | "number" | "enum" | "other", readonly string[]>> = {
  bytes: [
    '"YQ="',
    '"YQ==="',
    '"YR=="',
    '"Y Q=="',
    '"YQ==\\n"',
    '"=="',
    '"Y"',
    '"YWI"',
    '"_-8="',
    '"_+8="',
    "null",
    "1",
  ],
  number: [
    "5.0",
    "5e0",
    '"5.0"',
    '" 5"',
    '"5 "',
    "-0",
    "05",
    "+5",
    "0x5",
    "1e1",
    "0.5e1",
    '"5e0"',
    '""',
    '"-"',
    "5E+0",
  ],
  enum: ['"1"', "1.0", "1.5", "-1", "99", '"ascend"', '""', "99999999999", "true"],
  other: ["null", "true", '"true"', "1", '"x"', "[]", "{}", '{"a":1}', "[{}]", "NaN", "tru", '"\t"', '"\\q"'],
};
/** What decides how many items are sorted, and by what: see keys.ts. */
const TAME_FIELDS = /^etcdserverpb\.RangeRequest\.(key$|range_end|limit|sort_|m)/;
const BROKEN: readonly ((text: string) => string)[] = [
  (text) => text.slice(0, -1),
  (text) => text.slice(0, Math.floor(text.length / 2)),
  (text) => `[${text}]`,
  (text) => `${text} x`,
  (text) => text.replace(":", "="),
  (text) => text.replace("{", "{,"),
  (text) => text.replaceAll('"', "'"),
  () => "null",
  () => '"text"',
  () => "7",
  () => "{",
];

/**
 * How far the text may stray: `plain` where a request that is read otherwise, or not at all, would do harm; `wild`
 * where it does not matter what is read as long as both sides read the same.
 */
export type Freedom = "plain" | "usual" | "wild";

export function encodeRequest(random: Random, descriptor: DescMessage, request: Message, freedom: Freedom): Uint8Array {
  if (freedom === "plain") return Buffer.from(new Style(random, 0, 0).message(descriptor, request));
  if (random.chance(0.02) && isEmpty(descriptor, request)) return Buffer.from("");
  const wildChance = freedom === "wild" && random.chance(0.05) ? 0.4 : 0;
  const text = new Style(random, 0.12, wildChance).message(descriptor, request);
  return Buffer.from(random.chance(0.03) ? random.pick(BROKEN)(text) : text);
}

/** No field is set, so that no body at all says the same. */
function isEmpty(descriptor: DescMessage, request: Message): boolean {
  return descriptor.fields.every((field) => !isSet(field, request));
}

class Style {
  readonly #random: Random;
  readonly #isCamel: boolean;
  readonly #hasBlanks: boolean;
  readonly #isOdd: boolean;
  /** Of each field, to be written in a wild way. */
  readonly #wildChance: number;

  constructor(random: Random, oddChance: number, wildChance: number) {
    this.#random = random;
    this.#wildChance = wildChance;
    this.#isCamel = random.chance(0.4);
    this.#hasBlanks = random.chance(0.2);
    this.#isOdd = random.chance(oddChance);
  }

  message(descriptor: DescMessage, message: Message): string {
    const random = this.#random;
    const parts: string[] = [];
    for (const field of descriptor.fields) {
      const text = this.#field(field, message);
      if (text === undefined) continue;
      const name = random.chance(this.#isCamel ? 0.9 : 0.1) ? field.jsonName : field.name;
      parts.push(`${JSON.stringify(name)}:${this.#blank()}${text}`);
    }
    if (this.#isOdd && random.chance(0.3)) parts.push(`"no_such_field":${random.pick(["1", "null", '{"a":[{}]}'])}`);
    if (this.#isOdd && random.chance(0.08) && parts[0] !== undefined) parts.push(parts[0]);
    if (this.#isOdd) parts.reverse();
    return `{${this.#blank()}${parts.join(`,${this.#blank()}`)}${this.#blank()}}`;
  }

  #field(field: DescField, message: Message): string | undefined {
    const random = this.#random;
    if (
      this.#wildChance > 0 &&
      !TAME_FIELDS.test(`${field.parent.typeName}.${field.name}`) &&
      random.chance(this.#wildChance)
    )
      return random.pick(WILD[wildKind(field)]);
    if (this.#isOdd && random.chance(0.04)) return random.pick(WRONG_VALUES.filter((text) => isWrong(field, text)));
    if (!isSet(field, message)) {
      if (field.oneof !== undefined || !random.chance(0.06)) return undefined;
      if (random.chance(0.5)) return "null";
      if (field.message !== undefined) return undefined;
    }
    const value = fieldValue(field, message);
    if (field.fieldKind !== "list") return this.#single(field, value);
    return `[${(value as unknown[]).map((item) => this.#single(field, item)).join(`,${this.#blank()}`)}]`;
  }

  #single(field: DescField, value: unknown): string {
    const random = this.#random;
    if (field.message !== undefined) return this.message(field.message, value as Message);
    if (field.enum !== undefined) {
      const known = field.enum.value[value as number];
      return known !== undefined && random.chance(0.7) ? JSON.stringify(known.name) : String(value);
    }
    if (value instanceof Uint8Array) return JSON.stringify(this.#base64(value));
    if (typeof value === "string") return this.#string(value);
    if (typeof value === "boolean") return String(value);
    const isMember = MEMBER_ID_FIELDS.has(`${field.parent.typeName}.${field.name}`);
    const digits = isMember ? `#${String(value)}` : String(value);
    return random.chance(field.scalar === ScalarType.INT32 ? 0.1 : 0.6) ? `"${digits}"` : digits;
  }

  #base64(value: Uint8Array): string {
    const random = this.#random;
    const text = Buffer.from(value).toString("base64");
    if (!this.#isOdd) return text;
    const own = random.chance(0.5) ? text : text.replaceAll("+", "-").replaceAll("/", "_");
    const cut = random.chance(0.5) ? own : own.replaceAll("=", "");
    return random.chance(0.05) ? `${cut}!` : cut;
  }

  #string(value: string): string {
    if (!this.#isOdd) return JSON.stringify(value);
    const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return `"${value.replaceAll(/[^!#-[\]-~]|[a-c]/g, escaped)}"`;
  }

  #blank(): string {
    return this.#hasBlanks ? this.#random.pick(["", " ", "\n", "\t ", "\r\n"]) : "";
  }
}

function wildKind(field: DescField): keyof typeof WILD {
  if (field.fieldKind === "enum") return "enum";
  if (field.fieldKind !== "scalar" || field.scalar === ScalarType.BOOL || field.scalar === ScalarType.STRING)
    return "other";
  return field.scalar === ScalarType.BYTES ? "bytes" : "number";
}

/** One that is read as another value would make another request. */
function isWrong(field: DescField, text: string): boolean {
  if (field.fieldKind === "list") return text !== "[]" && text !== "[null]";
  if (field.message !== undefined) return text !== "{}";
  if (field.scalar === ScalarType.BOOL) return text !== "true";
  if (field.scalar === ScalarType.BYTES) return text !== '"12x"';
  return field.scalar !== ScalarType.STRING || !text.startsWith('"');
}

function isSet(field: DescField, message: Message): boolean {
  const value = fieldValue(field, message);
  if (field.oneof !== undefined) return value !== undefined;
  if (Array.isArray(value) || value instanceof Uint8Array || typeof value === "string") return value.length > 0;
  return value !== undefined && value !== 0 && value !== 0n && value !== false;
}

function fieldValue(field: DescField, message: Message): unknown {
  const fields = message as unknown as Record<string, unknown>;
  if (field.oneof === undefined) return fields[field.localName];
  const chosen = fields[field.oneof.localName] as { case: string | undefined; value?: unknown };
  return chosen.case === field.localName ? chosen.value : undefined;
}
