/** The file of --config-file: YAML, and what its values make of the server. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfigFile } from "../../../src/platform/node/cli/config-file.ts";
import { FLAGS } from "../../../src/platform/node/cli/flags.ts";
import { settingsOf } from "../../../src/platform/node/cli/settings.ts";
import { ConfigError } from "../../../src/platform/node/listen/urls.ts";
import { refusing, type Target, utf8 } from "../target.ts";

const FILE = `name: one
listen-client-urls: http://127.0.0.1:0
auto-compaction-retention: "1h"
snapshot-count: 10000
client-transport-security: { cert-file: a, key-file: b, client-cert-auth: false }
log-outputs: [stderr]
`;
const SMALL = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n<<: { name: yes }\n? [1]\n: !!binary aGk=\n";

export function open(): Target {
  const directory = mkdtempSync(join(tmpdir(), "etcdlite-fuzz-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "etcd.yaml");
  return {
    seeds: [FILE, SMALL, '{"name": "x", "max-txn-ops": 128, "cors": "http://a:1"}'].map(utf8),
    dictionary: [
      ...FLAGS.map(({ name }) => `${name}: `),
      ...[
        "- ",
        "&a ",
        "*a",
        "<<: *a",
        "!!",
        "|\n",
        ">\n",
        '"',
        "'",
        "{",
        "}",
        "? ",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "\n  ",
      ],
      ...["__proto__: ", "0x7fffffffffffffff", "1e400", ".nan", "~", "true", "on", "2001-01-01", "1:30"],
    ],
    maxBytes: 2000,
    run: (input) => {
      writeFileSync(file, input);
      const config = refusing([ConfigError], () => readConfigFile(file));
      if (config !== undefined) refusing([ConfigError], () => settingsOf(config.values, undefined));
    },
  };
}
