/** A command's flags and arguments told apart as pflag does it, with its words for what is wrong. */
import { CommandError, EXIT } from "./errors.ts";
import { type GoString, quote, toText } from "./gostring.ts";
import { parseInt64 } from "./numbers.ts";

export interface FlagSpec {
  readonly name: string;
  readonly short?: string;
  readonly type: "bool" | "string" | "int";
  readonly help: string;
  /** What is usually given, for completion. */
  readonly values?: readonly string[];
}

/** The flags that were given, by name, and what is left. */
export interface Parsed {
  readonly args: readonly GoString[];
  /** Whether a bool flag is set, or another was given. */
  has(flag: string): boolean;
  /** The text of a string flag, `""` by default. */
  text(flag: string): GoString;
  /** The number of an int flag, 0 by default. */
  int(flag: string): bigint;
}

/** @throws CommandError for a flag that is not there, or whose value is none of its type */
export function parseFlags(words: readonly GoString[], specs: readonly FlagSpec[]): Parsed {
  const values = new Map<string, GoString>();
  const args: GoString[] = [];
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === "--") {
      args.push(...queue);
      break;
    }
    if (word.startsWith("--")) longFlag(word, queue, specs, values);
    else if (word.startsWith("-") && word.length > 1) shortFlags(word, queue, specs, values);
    else args.push(word);
  }
  const typeOf = (flag: string): string | undefined => specs.find(({ name }) => name === flag)?.type;
  return {
    args,
    has: (flag) => values.has(flag) && (typeOf(flag) !== "bool" || isTrue(values.get(flag) ?? "")),
    text: (flag) => values.get(flag) ?? "",
    int: (flag) => (values.has(flag) ? parseInt64(values.get(flag) ?? "", 0) : 0n),
  };
}

function longFlag(word: GoString, queue: GoString[], specs: readonly FlagSpec[], values: Map<string, GoString>): void {
  const at = word.indexOf("=");
  const name = word.slice(2, at < 0 ? undefined : at);
  if (name === "" || name.startsWith("-")) throw usage(`bad flag syntax: ${toText(word)}`);
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec === undefined) throw usage(`unknown flag: --${toText(name)}`);
  if (at >= 0) set(spec, `--${name}`, word.slice(at + 1), values);
  else if (spec.type === "bool") values.set(name, "true");
  else if (queue.length === 0) throw usage(`flag needs an argument: --${name}`);
  else set(spec, `--${name}`, queue.shift() ?? "", values);
}

function shortFlags(
  word: GoString,
  queue: GoString[],
  specs: readonly FlagSpec[],
  values: Map<string, GoString>,
): void {
  for (let letters = word.slice(1); letters !== ""; ) {
    const letter = letters.slice(0, 1);
    const spec = specs.find((candidate) => candidate.short === letter);
    if (spec === undefined) throw usage(`unknown shorthand flag: '${toText(letter)}' in -${toText(letters)}`);
    const rest = letters.slice(1);
    const title = `-${letter}, --${spec.name}`;
    letters = "";
    if (rest.startsWith("=")) set(spec, title, rest.slice(1), values);
    else if (spec.type === "bool") {
      values.set(spec.name, "true");
      letters = rest;
    } else if (rest !== "") set(spec, title, rest, values);
    else if (queue.length === 0) throw usage(`flag needs an argument: '${letter}' in -${letter}`);
    else set(spec, title, queue.shift() ?? "", values);
  }
}

function set(spec: FlagSpec, title: string, value: GoString, values: Map<string, GoString>): void {
  try {
    if (spec.type === "int") parseInt64(value, 0);
    if (spec.type === "bool") isTrue(value);
  } catch (error) {
    throw usage(`invalid argument ${quote(value)} for "${title}" flag: ${(error as Error).message}`);
  }
  values.set(spec.name, value);
}

function isTrue(text: GoString): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false;
  throw new Error(`strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
}

function usage(message: string): CommandError {
  return new CommandError(message, EXIT.error, true);
}
