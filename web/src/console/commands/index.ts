/** The commands there are, how their names are found, and their help. */
import { CommandError } from "../language/errors.ts";
import type { FlagSpec } from "../language/flags.ts";
import { fromText, type GoString, toText } from "../language/gostring.ts";
import { FORMATS } from "../print/output.ts";
import { authCommands } from "./auth.ts";
import type { Command } from "./command.ts";
import { compaction, del, get, put, txn } from "./kv.ts";
import { leaseCommands } from "./lease.ts";
import { maintenanceCommands } from "./maintenance.ts";
import { memberCommands } from "./member.ts";
import { roleCommands } from "./role.ts";
import { userCommands } from "./user.ts";
import { watch } from "./watch.ts";

const version: Command = {
  name: "version",
  group: "Utility",
  usage: "",
  summary: "Prints the version of etcdctl that this console speaks as",
  flags: [],
  async run(_parsed, { output }) {
    output.out("etcdctl version: 3.7.1\nAPI version: 3.7\n");
  },
};

const help: Command = {
  name: "help",
  group: "Utility",
  usage: "[command]",
  summary: "Prints what commands there are, or how one is used",
  flags: [],
  async run({ args }, { output }) {
    output.out(fromText(helpText(args)));
  },
};

const clear: Command = {
  name: "clear",
  group: "Utility",
  usage: "",
  summary: "Empties the console",
  flags: [],
  // Whoever shows the output does it.
  async run() {},
};

export const COMMANDS: readonly Command[] = [
  ...[compaction, del, get, ...leaseCommands, put, txn, watch, ...maintenanceCommands, ...memberCommands],
  ...[...authCommands, ...roleCommands, ...userCommands, clear, help, version],
];

/** etcdctl's flags for every command; those for a connection are the page's own business. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: "command-timeout", type: "string", help: "not used: end a command with Ctrl+C" },
  { name: "endpoints", type: "string", help: "not used: the page's connection is" },
  { name: "help", short: "h", type: "bool", help: "how the command is used" },
  { name: "hex", type: "bool", help: "print bytes and IDs in hexadecimal" },
  {
    ...{ name: "write-out", short: "w", type: "string", help: "fields, json, simple (default) or table" },
    values: FORMATS.filter((format) => format !== "protobuf"),
  },
];

/** What etcdctl has beside. */
const ELSEWHERE: Record<string, string> = {
  snapshot: "snapshots are taken on the Import/Export screen",
  elect: "elect and lock need a client that lives on; this console has none",
  lock: "elect and lock need a client that lives on; this console has none",
  "move-leader": "there is one member, which leads",
  "make-mirror": "a mirror needs a second endpoint; this console has one",
  check: "load is not made from a console",
  downgrade: "this console has no downgrade",
  completion: "press Tab: completion is there",
  options: "type help",
};

export interface Found {
  readonly command: Command;
  /** Flags and arguments. */
  readonly rest: readonly GoString[];
}

/**
 * @returns the group's name where only that was given, `""` where nothing was
 * @throws CommandError for a command that is not there
 */
export function findCommand(words: readonly GoString[]): Found | string {
  const names: string[] = [];
  const rest = [...words];
  if (rest[0] === "etcdctl") rest.shift();
  for (;;) {
    const at = nextName(rest);
    const level = namesAt(names);
    const word = rest[at];
    if (level.length === 0 || word === undefined) break;
    const name = level.includes(word) ? word : onlyOne(level.filter((one) => one.startsWith(word)));
    if (name === undefined && names.length > 0) return names.join(" ");
    if (name === undefined) throw unknown(word, level);
    rest.splice(at, 1);
    names.push(name);
  }
  const command = COMMANDS.find((one) => one.name === names.join(" "));
  return command === undefined ? names.join(" ") : { command, rest };
}

/** The names that can come after some: commands, or a group's. */
export function namesAt(before: readonly string[]): string[] {
  const within = COMMANDS.map(({ name }) => name.split(" ")).filter((parts) =>
    before.every((name, at) => parts[at] === name),
  );
  const names = within.flatMap((parts) => parts[before.length] ?? []);
  return [...new Set(names)];
}

/** Where the first word is that is no flag, nor what a flag takes. */
function nextName(words: readonly GoString[]): number {
  let at = 0;
  for (; at < words.length && words[at]?.startsWith("-"); at++) {
    const word = words[at] ?? "";
    const spec = GLOBAL_FLAGS.find(({ name, short }) => word === `--${name}` || word === `-${short}`);
    if (spec !== undefined && spec.type !== "bool") at++;
  }
  return at;
}

function onlyOne(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

function unknown(word: GoString, level: readonly string[]): CommandError {
  const elsewhere = ELSEWHERE[word];
  if (elsewhere !== undefined) return new CommandError(`${word}: ${elsewhere}`);
  const near = level.filter((name) => name.startsWith(word.toLowerCase()) || distance(name, word) <= 2).sort();
  const hint = near.length === 0 ? "" : `\n\nDid you mean this?\n${near.map((name) => `\t${name}\n`).join("")}`;
  return new CommandError(`unknown command "${toText(word)}" for "etcdctl"${hint}\nRun 'etcdctl --help' for usage.`);
}

/** Letters to put in, take out or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

export function helpText(names: readonly GoString[]): string {
  const found = findCommand(names);
  return typeof found === "string" ? listText(found) : commandText(found.command);
}

/** The lines under a command's error. */
export function usageText(command: Command): string {
  const title = `Usage:\n  ${[command.name, command.usage].filter(Boolean).join(" ")}\n`;
  return `${title}\nFlags:\n${flagLines([...command.flags, ...GLOBAL_FLAGS.filter(({ name }) => name === "write-out")])}\n`;
}

function commandText(command: Command): string {
  return `${command.summary}.\n${command.notes === undefined ? "" : `\n${command.notes}\n`}\n${usageText(command)}`;
}

function flagLines(flags: readonly FlagSpec[]): string {
  const heads = flags.map(({ name, short, type }) => {
    const value = type === "bool" ? "" : ` ${type}`;
    return `  ${short === undefined ? "    " : `-${short}, `}--${name}${value}`;
  });
  const width = Math.max(...heads.map((head) => head.length));
  return flags.map(({ help: text }, at) => `${(heads[at] ?? "").padEnd(width)}   ${text}\n`).join("");
}

function listText(group: string): string {
  const commands = COMMANDS.filter(({ name }) => group === "" || name.startsWith(`${group} `));
  const width = Math.max(...commands.map(({ name }) => name.length));
  const line = ({ name, summary }: Command): string => `  ${name.padEnd(width)}  ${summary}\n`;
  if (group !== "") return `${commands.map(line).join("")}\n"help ${group} COMMAND" tells more.\n`;
  const groups = [...new Set(COMMANDS.map((command) => command.group))];
  const parts = groups.map(
    (title) =>
      `${title} commands\n${commands
        .filter((one) => one.group === title)
        .map(line)
        .join("")}\n`,
  );
  return `${parts.join("")}"help COMMAND" tells more. Quotes and # comments are a shell's; Tab completes, Ctrl+C ends a command.\n`;
}
