/** The command `etcdlite`, from its arguments to its exit code. */
import { createRequire } from "node:module";
import { ETCD_VERSION } from "../../../rpc/index.ts";
import { ListenError } from "../listener.ts";
import type { Log } from "../log.ts";
import { createServer, type EtcdliteServer } from "../server.ts";
import { ConfigError } from "../urls.ts";
import { readCommandLine } from "./command-line.ts";
import { createLog } from "./logger.ts";
import { settingsOf } from "./settings.ts";

const EXIT_FAILURE = 1;
/** As etcd's, for a command line that makes no sense. */
const EXIT_USAGE = 2;

/** Runs until it is told to stop; then ends the process. Returns where there is nothing to run. */
export async function run(process: NodeJS.Process): Promise<void> {
  // Whoever read our output may be gone; that is no reason to stop serving.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  try {
    await start(process);
  } catch (error) {
    const isUsage = error instanceof ConfigError;
    if (!isUsage && !(error instanceof ListenError)) throw error;
    process.stderr.write(`etcdlite: ${error.message}\n`);
    process.exitCode = isUsage ? EXIT_USAGE : EXIT_FAILURE;
  }
}

async function start(process: NodeJS.Process): Promise<void> {
  const commandLine = readCommandLine(process.argv.slice(2), process.env);
  if (commandLine.kind === "help") {
    process.stdout.write(commandLine.text);
    return;
  }
  if (commandLine.kind === "version") {
    process.stdout.write(`etcdlite Version: ${version()}\netcd API Version: ${ETCD_VERSION}\n`);
    process.stdout.write(`Node Version: ${process.versions.node}\n`);
    return;
  }
  const settings = settingsOf(commandLine.values, commandLine.address);
  const log = createLog(settings.log, process.stderr);
  for (const notice of [...commandLine.warnings, ...settings.notices]) log.warn(notice);
  const server = await createServer({ ...settings.server, log });
  stopOnSignals(process, server, log);
  const { name, clusterId, memberId } = server.etcd.options;
  log.info("etcdlite is ready", {
    version: version(),
    etcd: ETCD_VERSION,
    name,
    member: memberId.toString(16),
    cluster: clusterId.toString(16),
  });
  process.stdout.write(`etcdlite listening on ${server.urls.join(", ")} (gRPC, gRPC-Web, Connect)\n`);
}

/** The first signal stops the server properly, the second at once. */
export function stopOnSignals(
  process: Pick<NodeJS.EventEmitter, "on"> & { exit(code: number): unknown },
  server: Pick<EtcdliteServer, "close">,
  log: Log,
): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) {
      process.exit(EXIT_FAILURE);
      return;
    }
    stopping = true;
    log.info("stopping", { signal });
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error("the stop failed", { error: String(error) });
        process.exit(EXIT_FAILURE);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

/** Of this package, wherever it has been installed or built. */
function version(): string {
  const manifest = createRequire(import.meta.url)("etcdlite/package.json") as { version: string };
  return manifest.version;
}
