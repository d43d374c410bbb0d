/** The command line and the environment, a line each; lines with ETCD_ are variables. */
import { readCommandLine } from "../../../src/platform/node/cli/command-line.ts";
import { FLAGS } from "../../../src/platform/node/cli/flags.ts";
import { settingsOf } from "../../../src/platform/node/cli/settings.ts";
import { usageOf } from "../../../src/platform/node/cli/usage.ts";
import { ConfigError } from "../../../src/platform/node/listen/urls.ts";
import { refusing, type Target, textOf, utf8 } from "../target.ts";

export function open(): Target {
  const seeds = [
    "--listen-client-urls\nhttp://127.0.0.1:0\n--name=a\n--max-txn-ops=5\n--cors=http://a:1,*",
    ":2379",
    "-auto-compaction-retention=1h\n-auto-compaction-mode\nperiodic\nETCD_NAME=x\nETCD_NOTHING=y",
    "--feature-gates=AllAlpha=true\n--host-whitelist=a,b\n--quota-backend-bytes=0x10_00\n--version=false",
    "--help",
  ];
  return {
    seeds: seeds.map(utf8),
    dictionary: [
      ...FLAGS.flatMap(({ name }) => [`--${name}=`, `ETCD_${name.toUpperCase().replaceAll("-", "_")}=`]),
      ...["\n--\n", "\n-", "true", "1h", "-1", "9223372036854775808", "https://", "unix://", "[::]", "*", ","],
    ],
    maxBytes: 500,
    run: (input) => {
      const lines = textOf(input).split("\n");
      const variables = lines.filter((line) => line.startsWith("ETCD_"));
      const environment = Object.fromEntries(
        variables.map((line) => [line.split("=", 1)[0], line.replace(/^[^=]*=?/, "")]),
      );
      const args = lines.filter((line) => !line.startsWith("ETCD_"));
      const commandLine = refusing([ConfigError], () => readCommandLine(args, environment));
      if (commandLine?.kind === "usage") refusing([ConfigError], () => usageOf(commandLine.args));
      if (commandLine?.kind !== "run" || commandLine.configFile !== undefined) return;
      refusing([ConfigError], () => settingsOf(commandLine.values, commandLine.address));
    },
  };
}
