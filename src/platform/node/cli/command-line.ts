/** What the command line and the environment say: which flags were given, and from where. */
import { ConfigError } from "../listen/urls.ts";
import { findFlag, flagNames, variableOf } from "./flags.ts";
import { Values } from "./values.ts";

export type CommandLine =
  /** It asks for the help, or makes no sense: usage.ts says which. */
  | { readonly kind: "usage"; readonly args: readonly string[] }
  | { readonly kind: "version" }
  | {
      readonly kind: "run";
      /** The bare address, if there is one. */
      readonly address: string | undefined;
      /** What flags and variables say; of a config file, which is to be read instead, only the name. */
      readonly values: Values;
      readonly configFile: string | undefined;
      /** What to tell the user at the start. */
      readonly warnings: readonly string[];
    };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Of the image or the shell etcd runs in, and no flag. */
const SILENT_VARIABLES: ReadonlySet<string> = new Set(["ETCD_UNSUPPORTED_ARCH", "ETCD_VERSION"]);

/** @throws ConfigError for flags etcd does not know, and values that are missing or make no sense */
export function readCommandLine(args: readonly string[], environment: Environment): CommandLine {
  const { flags, rest } = splitFlags(args);
  const address = addressOf(rest);
  if (address === undefined) return { kind: "usage", args: rest };
  const warnings: string[] = [];
  const values = new Values();
  for (const [name, text] of flags) {
    if (name === "version" && text !== "false") return { kind: "version" };
    setFlag(values, name, text, warnings);
  }
  const configFile = values.path("config-file") ?? (environment[variableOf("config-file")] || undefined);
  if (configFile === undefined) readVariables(values, environment, warnings);
  else {
    const idle = values.names.filter((name) => name !== "config-file").map((name) => `--${name}`);
    if (idle.length > 0) warnings.push(`not used, as there is a config file: ${idle.join(", ")}`);
  }
  return { kind: "run", address: address || undefined, values, configFile, warnings };
}

function setFlag(values: Values, name: string, text: string, warnings: string[]): void {
  const found = findFlag(name);
  if (found === undefined) return;
  if (found.warning !== undefined) warnings.push(found.warning);
  values.set(found.flag, text);
}

/** @throws ConfigError for one that contradicts a flag, as in etcd */
function readVariables(values: Values, environment: Environment, warnings: string[]): void {
  const given = new Set(values.names);
  const known = new Map(flagNames().map((name) => [variableOf(name), name]));
  const unknown: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith("ETCD_") || !text || SILENT_VARIABLES.has(variable)) continue;
    const name = known.get(variable);
    if (name === undefined) unknown.push(variable);
    else if (given.has(findFlag(name)?.flag.name ?? "")) {
      throw new ConfigError(`both ${variable} and --${name} are given: one of them has to go`);
    } else setFlag(values, name, text, warnings);
  }
  if (unknown.length > 0) warnings.push(`not known, and not used: ${unknown.join(", ")}`);
}

/**
 * etcd's flags are Go's: one dash is as good as two, and a boolean's value comes with `=` or not at all. What is
 * left is an address, or what usage.ts has to look at.
 */
function splitFlags(args: readonly string[]): { readonly flags: [string, string][]; readonly rest: string[] } {
  const flags: [string, string][] = [];
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === "--") return { flags, rest: [...rest, ...args.slice(i)] };
    const [, name = "", value] = /^--?([a-z][\w.-]*)(?:=(.*))?$/s.exec(arg) ?? [];
    const type = name === "version" ? "bool" : findFlag(name)?.flag.type;
    const next = args[i + 1];
    if (type === undefined) rest.push(name.length > 1 ? arg.replace(/^--?/, "--") : arg);
    else if (value !== undefined) flags.push([name, value]);
    else if (type === "bool" || type === "ignored") flags.push([name, "true"]);
    else if (next === undefined) throw new ConfigError(`the flag --${name} needs a value`);
    else {
      flags.push([name, next]);
      i++;
    }
  }
  return { flags, rest };
}

/** Undefined where there is more than an address, or what looks like a flag. */
function addressOf(rest: readonly string[]): string | undefined {
  const end = rest.indexOf("--");
  const [flags, behind] = end < 0 ? [rest, []] : [rest.slice(0, end), rest.slice(end + 1)];
  const [address = "", ...more] = [...flags, ...behind];
  return more.length === 0 && !flags.some((text) => /^-./.test(text)) ? address : undefined;
}
