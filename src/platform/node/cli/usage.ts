/** The help, and complaints about a command line, by commander: few starts need either. */
import { Command, CommanderError, Option } from "commander";
import { ConfigError } from "../listen/urls.ts";
import { DATA_DIR_COMMANDS } from "./data-dir-command.ts";
import { FLAGS } from "./flags.ts";

const ABOUT = `An etcd for development and tests: etcd's gRPC services, its JSON gateway, gRPC-Web and Connect on one port.

The address is where to listen: 127.0.0.1:2379, 2379, or :2379 for every interface.`;

const EPILOGUE = `${DATA_DIR_COMMANDS}

What takes no value is true, or has one behind = only. Each flag may also be given as a variable: ETCD_NAME is --name.
Every other flag of etcd 3.7 is taken and has no effect.`;

/**
 * The help, if the arguments ask for it.
 * @throws ConfigError if they make no sense
 */
export function usageOf(args: readonly string[]): string {
  const program = new Command("etcdlite");
  let help = "";
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
        help += text;
      },
      writeErr: () => {},
    })
    .exitOverride()
    .allowExcessArguments(false);
  for (const flag of FLAGS) {
    const value = flag.type === "bool" ? "" : ` <${flag.value ?? "value"}>`;
    const option = new Option(`--${flag.name}${value}`, flag.help);
    if (flag.group === undefined) option.hideHelp();
    else option.helpGroup(flag.group);
    program.addOption(option);
  }
  try {
    program.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (help === "") throw new ConfigError(error.message.replace(/^error: /, "").replaceAll("\n", " "));
  }
  return help;
}
