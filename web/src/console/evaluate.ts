import { ConnectError } from "@connectrpc/connect";
import type { ConsoleClients, ReadLine } from "./commands/command.ts";
import { findCommand, GLOBAL_FLAGS, helpText, usageText } from "./commands/index.ts";
import { CommandError, EXIT } from "./language/errors.ts";
import { type Parsed, parseFlags } from "./language/flags.ts";
import { fromText, type GoString } from "./language/gostring.ts";
import type { CommandLine } from "./language/shell.ts";
import { codeToName } from "./print/codes.ts";
import { FORMATS, type Output, type Style } from "./print/output.ts";

export interface Surroundings {
  readonly clients: ConsoleClients;
  readonly endpoint: string;
  readonly signal: AbortSignal;
  readonly output: Output;
  /** Of what is typed. */
  readonly readLine: ReadLine;
}

/** Runs one command to its end; returns the code that etcdctl would exit with. */
export async function evaluate(line: CommandLine, surroundings: Surroundings): Promise<number> {
  const { output, signal } = surroundings;
  try {
    return await run(line, surroundings);
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    const known = asCommandError(error);
    output.err(fromText(`Error: ${known.message}\n`));
    return known.exitCode;
  }
}

async function run({ words, input }: CommandLine, surroundings: Surroundings): Promise<number> {
  const { clients, endpoint, signal, output } = surroundings;
  const found = findCommand(words);
  if (typeof found === "string") {
    const isEmpty = words.every((word) => word === "etcdctl" || word.startsWith("-"));
    output.out(fromText(helpText(isEmpty ? [] : found.split(" "))));
    return 0;
  }
  const { command, rest } = found;
  let parsed: Parsed;
  try {
    parsed = parseFlags(rest, [...command.flags, ...GLOBAL_FLAGS]);
  } catch (error) {
    if (!(error instanceof CommandError && error.showsUsage)) throw error;
    output.err(fromText(`Error: ${error.message}\n${usageText(command)}\n`));
    return error.exitCode;
  }
  if (parsed.has("help")) {
    output.out(fromText(helpText(command.name.split(" "))));
    return 0;
  }
  const readLine = input === undefined ? surroundings.readLine : linesOf(input);
  await command.run(parsed, { clients, endpoint, signal, output, style: styleOf(parsed), readLine });
  return 0;
}

function styleOf(parsed: Parsed): Style {
  const wanted = parsed.text("write-out") || "simple";
  const format = FORMATS.find((one) => one === wanted);
  if (format === undefined) throw new CommandError("unsupported output format", EXIT.badFeature);
  return { format, isHex: parsed.has("hex"), valueOnly: false };
}

function linesOf(input: GoString): ReadLine {
  const lines = input.split("\n");
  // What ends in a newline has no line after it.
  if (lines.at(-1) === "") lines.pop();
  return async () => lines.shift();
}

function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const { code, rawMessage } = ConnectError.from(error);
  // etcd's own errors are printed without their code.
  if (rawMessage.startsWith("etcdserver: ")) return new CommandError(rawMessage);
  return new CommandError(`rpc error: code = ${codeToName(code)} desc = ${rawMessage}`);
}
