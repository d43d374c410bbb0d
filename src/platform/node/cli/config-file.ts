/**
 * etcd's config file: YAML whose keys are mostly the flags' names, read as etcd reads it. Keys are of any case,
 * durations are nanoseconds, lists of URLs are one text, and TLS has sections of its own.
 */
import { readFileSync } from "node:fs";
import { type Document, parseDocument, type Tags } from "yaml";
import { ConfigError } from "../listen/urls.ts";
import { CLIENT_CERT_ALLOWED_CN, FLAGS, type Flag, findFlag } from "./flags.ts";
import { Values } from "./values.ts";

export interface ConfigFile {
  readonly values: Values;
  /** What to tell the user at the start. */
  readonly warnings: readonly string[];
}

type Section = Readonly<Record<string, string>>;

/** Flags that are no keys of the file: they are part of sections, or only flags. */
const NO_KEYS: ReadonlySet<string> = new Set([
  ...["config-file", "raft-read-timeout", "raft-write-timeout", "client-crl-file", "client-cert-allowed-hostname"],
  ...["cert-file", "key-file", "client-cert-file", "client-key-file", "client-cert-auth", "trusted-ca-file"],
  ...["auto-tls", "peer-cert-file", "peer-key-file", "peer-client-cert-file", "peer-client-key-file"],
  ...["peer-client-cert-auth", "peer-trusted-ca-file", "peer-auto-tls", "peer-crl-file", "peer-cert-allowed-cn"],
  ...["peer-cert-allowed-hostname", "peer-skip-client-san-verification", "socket-reuse-port"],
  ...["socket-reuse-address", "discovery-endpoints", "discovery-token", "discovery-fallback"],
  ...FLAGS.flatMap(({ name, type }) => (type === "ignored" ? [name] : [])),
]);

const TLS_KEYS = [
  "cert-file",
  "key-file",
  "client-cert-file",
  "client-key-file",
  "client-cert-auth",
  "trusted-ca-file",
  "auto-tls",
];

/** The flags behind the keys of the sections. */
const SECTIONS: Readonly<Record<string, Section>> = {
  "client-transport-security": {
    ...Object.fromEntries(TLS_KEYS.map((key) => [key, key])),
    "allowed-cn": CLIENT_CERT_ALLOWED_CN.name,
    "allowed-hostname": "client-cert-allowed-hostname",
    "skip-client-san-verification": "peer-skip-client-san-verification",
  },
  "peer-transport-security": {
    ...Object.fromEntries(TLS_KEYS.map((key) => [key, `peer-${key}`])),
    "allowed-cn": "peer-cert-allowed-cn",
    "allowed-hostname": "peer-cert-allowed-hostname",
    "skip-client-san-verification": "peer-skip-client-san-verification",
  },
  "socket-options": { "reuse-port": "socket-reuse-port", "reuse-address": "socket-reuse-address" },
};

/** Known to etcd, and nothing to one member that finds no others. */
const IDLE_KEYS: ReadonlySet<string> = new Set(["discovery-config"]);

/** Of the flags that are lists, those that are lists in the file, too. */
const LISTS: ReadonlySet<string> = new Set([
  ...["cipher-suites", "log-outputs", "client-cert-allowed-hostname", "peer-cert-allowed-cn"],
  ...["peer-cert-allowed-hostname", CLIENT_CERT_ALLOWED_CN.name],
]);

/** @throws ConfigError that begins with the file's name */
export function readConfigFile(path: string): ConfigFile {
  try {
    return configOf(readFileSync(path, "utf8"), path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`--config-file ${path}: ${reason.split("\n", 1)[0]}`);
  }
}

function configOf(text: string, path: string): ConfigFile {
  const values = new Values();
  const warnings: string[] = [];
  const unknown: string[] = [];
  const set = (flag: Flag, key: string, value: unknown): void => {
    // As in JSON: what is null is not there.
    if (value !== null) values.set(flag, textOf(flag, key, value));
  };
  for (const [name, value] of entriesOf(parse(text), "the file")) {
    const key = name.toLowerCase();
    const section = SECTIONS[key];
    if (section !== undefined) {
      for (const [inner, innerValue] of entriesOf(value ?? {}, name)) {
        const flag = flagOf(section[inner.toLowerCase()]);
        if (flag === undefined) unknown.push(`${name}.${inner}`);
        else set(flag, `${name}.${inner}`, innerValue);
      }
    } else if (IDLE_KEYS.has(key)) warnings.push(`without effect here: ${name}`);
    else {
      const found = NO_KEYS.has(key) ? undefined : findFlag(key);
      if (found === undefined) unknown.push(name);
      else {
        if (found.warning !== undefined) warnings.push(found.warning);
        set(found.flag, name, value);
      }
    }
  }
  if (unknown.length > 0) warnings.push(`not known in ${path}, and not used: ${unknown.join(", ")}`);
  return { values, warnings };
}

function flagOf(name: string | undefined): Flag | undefined {
  if (name === CLIENT_CERT_ALLOWED_CN.name) return CLIENT_CERT_ALLOWED_CN;
  return name === undefined ? undefined : findFlag(name)?.flag;
}

/** YAML 1.1 as Go has it: `yes` and `on` are true, and `<<` merges; but 1:30 is a text, and so is a date. */
function parse(text: string): unknown {
  const customTags = (tags: Tags): Tags =>
    tags.filter(
      (tag) => typeof tag === "string" || (!("format" in tag && tag.format === "TIME") && !/timestamp$/.test(tag.tag)),
    );
  const document: Document = parseDocument(text, {
    version: "1.1",
    merge: true,
    customTags,
    prettyErrors: true,
    logLevel: "error",
  });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  return document.toJS() ?? {};
}

function entriesOf(value: unknown, what: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError(`${what} must be a map of keys to values`);
  }
  return Object.entries(value);
}

/** The value as the flag would have it. @throws ConfigError for one of another type */
function textOf({ name, type }: Flag, key: string, value: unknown): string {
  const wrong = (wanted: string): ConfigError =>
    new ConfigError(`invalid value ${JSON.stringify(value)} for ${key}: ${wanted}`);
  if (LISTS.has(name)) {
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    if (!isList) throw wrong("a list of texts is needed");
    return value.join(",");
  }
  switch (type) {
    case "bool":
      if (typeof value !== "boolean") throw wrong("true or false is needed");
      return String(value);
    case "duration":
      if (!isInteger(value)) throw wrong("a number of nanoseconds is needed, as etcd wants it in a file");
      return `${value}ns`;
    case "uint32":
    case "uint":
    case "int":
      if (!isInteger(value)) throw wrong("an integer is needed");
      return String(value);
    default:
      if (typeof value !== "string") throw wrong("a text is needed, in quotes where it looks like something else");
      return value;
  }
}

function isInteger(value: unknown): boolean {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}
