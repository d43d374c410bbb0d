/** What the command line and the environment say, as text: which flags were given, and from where. */
import { Command, CommanderError, Option } from "commander";
import { ConfigError } from "../urls.ts";
import { FLAGS, variableOf } from "./flags.ts";

export type CommandLine =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | {
      readonly kind: "run";
      /** The bare address, if there is one. */
      readonly address: string | undefined;
      /** By the flags' names; what the environment says is under the same names. */
      readonly values: ReadonlyMap<string, string>;
      /** What to tell the user at the start. */
      readonly warnings: readonly string[];
    };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Of the image or the shell etcd runs in, and no flag. */
const SILENT_VARIABLES: ReadonlySet<string> = new Set(["ETCD_UNSUPPORTED_ARCH", "ETCD_VERSION"]);

const ABOUT = `An etcd for development and tests: etcd's gRPC services, and gRPC-Web and Connect for browsers, on one port.

The address is where to listen: 127.0.0.1:2379, 2379, or :2379 for every interface.`;

const EPILOGUE = `
Each flag may also be given as a variable: ETCD_NAME is --name. Every other flag of etcd 3.7 is taken and has no effect.`;

/** @throws ConfigError for flags etcd does not know, and values that are missing */
export function readCommandLine(args: readonly string[], environment: Environment): CommandLine {
  const program = new Command("etcdlite");
  let help: string | undefined;
  program
    .description(ABOUT)
    .usage("[flags] [address]")
    .argument("[address]")
    .option("--version", "print the versions and exit")
    .helpOption("-h, --help", "print this and exit")
    .addHelpText("after", EPILOGUE)
    .configureHelp({ visibleArguments: () => [], helpWidth: 110 })
    .configureOutput({
      writeOut: (text) => {
        help = (help ?? "") + text;
      },
      writeErr: () => {},
    })
    .exitOverride()
    .allowExcessArguments(false);
  const options = FLAGS.map((flag) => {
    const option = new Option(`--${flag.name} <${flag.value ?? "bool"}>`, flag.help);
    if (flag.group === undefined) option.hideHelp();
    else option.helpGroup(flag.group);
    program.addOption(option);
    return { name: flag.name, attribute: option.attributeName() };
  });
  try {
    program.parse(goFlags(args), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (help !== undefined) return { kind: "help", text: help };
    throw new ConfigError(error.message.replace(/^error: /, "").replaceAll("\n", " "));
  }
  const given = program.opts<Record<string, string | boolean | undefined>>();
  if (given.version === true) return { kind: "version" };
  const values = new Map<string, string>();
  const warnings: string[] = [];
  for (const { name, attribute } of options) {
    const value = given[attribute];
    const variable = variableOf(name);
    if (value !== undefined) {
      values.set(name, String(value));
      if (environment[variable]) warnings.push(`${variable} is not used: --${name} is given`);
    } else if (environment[variable]) {
      values.set(name, environment[variable]);
    }
  }
  const unknown = unknownVariables(environment);
  if (unknown.length > 0) warnings.push(`not known, and not used: ${unknown.join(", ")}`);
  return { kind: "run", address: program.args[0], values, warnings };
}

/**
 * etcd's flags are Go's: one dash is as good as two, and a boolean's value comes with `=` or not at all.
 * Each is rewritten as `--name=value`, the one form that Go and commander both read the same way.
 */
function goFlags(args: readonly string[]): string[] {
  const rewritten: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === "--") return [...rewritten, ...args.slice(i)];
    const match = /^--?([a-z0-9][\w.-]+)(=.*)?$/s.exec(arg);
    const flag = FLAGS.find(({ name }) => name === match?.[1]);
    if (match === null) rewritten.push(arg);
    else if (flag === undefined || match[2] !== undefined) rewritten.push(`--${match[1]}${match[2] ?? ""}`);
    else if (flag.value === undefined) rewritten.push(`--${flag.name}=true`);
    else if (i + 1 < args.length) rewritten.push(`--${flag.name}=${args[++i]}`);
    else rewritten.push(`--${flag.name}`);
  }
  return rewritten;
}

function unknownVariables(environment: Environment): string[] {
  const known = new Set([...FLAGS.map(({ name }) => variableOf(name)), ...SILENT_VARIABLES]);
  return Object.keys(environment).filter((name) => name.startsWith("ETCD_") && !known.has(name));
}
