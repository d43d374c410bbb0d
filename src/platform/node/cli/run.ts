/** The command `etcdlite`, from its arguments to its exit code. */
import { createRequire } from "node:module";
import { JournalError } from "../../../journal/index.ts";
import { ETCD_VERSION } from "../../../rpc/index.ts";
import { SnapshotError } from "../../../snapshot/index.ts";
import { ListenError } from "../listen/bind.ts";
import { ConfigError } from "../listen/urls.ts";
import type { Log } from "../log.ts";
import { createProgress, type Progress } from "../progress.ts";
import { createServer, type EtcdliteServer } from "../server.ts";
import type { ServerOptions } from "../server-options.ts";
import { type CommandLine, readCommandLine } from "./command-line.ts";
import type { ConfigFile } from "./config-file.ts";
import { runDataDirCommand } from "./data-dir-command.ts";
import { type CommandLog, createLog } from "./logger.ts";
import { notifyServiceManager } from "./service-manager.ts";
import { settingsOf } from "./settings.ts";

const EXIT_FAILURE = 1;
/** As etcd's, for a command line that makes no sense. */
const EXIT_USAGE = 2;

/** For clients that are slow to take their last answers. */
const CLOSE_GRACE_MS = 5_000;

/** Runs until it is told to stop; then ends the process. Returns where there is nothing to run. */
export async function run(process: NodeJS.Process): Promise<void> {
  // Whoever read our output may be gone; that is no reason to stop serving.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  try {
    await start(process);
  } catch (error) {
    const isUsage = error instanceof ConfigError;
    const isExpected = [ConfigError, ListenError, SnapshotError, JournalError].some((kind) => error instanceof kind);
    if (!(error instanceof Error) || !isExpected) throw error;
    process.stderr.write(`etcdlite: ${error.message}\n`);
    process.exitCode = isUsage ? EXIT_USAGE : EXIT_FAILURE;
  }
}

async function start(process: NodeJS.Process): Promise<void> {
  const args = process.argv.slice(2);
  const progress = progressOf(process, (line) => process.stderr.write(`${line}\n`));
  const command = await runDataDirCommand(args, progress);
  if (command !== undefined) {
    process.stdout.write(command.text);
    if (!command.isWell) process.exitCode = EXIT_FAILURE;
    return;
  }
  const commandLine = readCommandLine(args, process.env);
  if (commandLine.kind === "usage") {
    const { usageOf } = await import("./usage.ts");
    process.stdout.write(usageOf(commandLine.args));
    return;
  }
  if (commandLine.kind === "version") {
    // The first line is etcd's, for scripts that ask it what it is.
    process.stdout.write(`etcd Version: ${ETCD_VERSION}\netcdlite Version: ${version()}\n`);
    process.stdout.write(`Node Version: ${process.version}\nNode OS/Arch: ${process.platform}/${process.arch}\n`);
    return;
  }
  const { values, warnings } = await configured(commandLine);
  const settings = settingsOf(values, commandLine.address);
  const log = createLog(settings.log, process);
  for (const notice of [...warnings, ...settings.notices]) log.warn(notice);
  changeLevelOnSignal(process, log);
  const server = await startUnlessStopped(process, settings.server, log);
  if (server === undefined) return;
  const { name, clusterId, memberId } = server.etcd.options;
  log.info("etcdlite is ready", {
    version: version(),
    etcd: ETCD_VERSION,
    name,
    member: memberId.toString(16),
    cluster: clusterId.toString(16),
  });
  const { dataDir } = settings.server;
  const place = dataDir === undefined ? "in memory" : `data in ${dataDir}`;
  process.stdout.write(`etcdlite listening on ${server.urls.join(", ")} (gRPC, gRPC-Web, Connect), ${place}\n`);
  await notifyServiceManager("READY=1", process.env, log);
}

/** Undefined where a signal came before the server was there; then the process ends, as with one that is. */
async function startUnlessStopped(
  process: NodeJS.Process,
  options: ServerOptions,
  log: Log,
): Promise<EtcdliteServer | undefined> {
  const stopping = new AbortController();
  const progress = progressOf(process, (line) => log.info(line));
  const startSignal = stopping.signal;
  const opening = createServer({ ...options, log, progress, startSignal, closeGraceMs: CLOSE_GRACE_MS }).catch(
    (error: unknown) => {
      if (error === startSignal.reason) return undefined;
      throw error;
    },
  );
  const close = async (): Promise<void> => {
    stopping.abort();
    await (await opening)?.close();
  };
  stopOnSignals(process, { close }, log);
  const server = await opening;
  return startSignal.aborted ? undefined : server;
}

/** What the config file says, if there is one: then it alone counts, as in etcd. */
async function configured(commandLine: Extract<CommandLine, { kind: "run" }>): Promise<ConfigFile> {
  const { configFile, address, warnings } = commandLine;
  if (configFile === undefined) return commandLine;
  if (address !== undefined) throw new ConfigError(`both an address (${address}) and a config file are given`);
  // Few have one, and who has none does not wait for YAML to be loaded.
  const { readConfigFile } = await import("./config-file.ts");
  const file = readConfigFile(configFile);
  return { values: file.values, warnings: [...warnings, ...file.warnings] };
}

/** The first signal stops the server properly, the second at once. */
export function stopOnSignals(
  process: Pick<NodeJS.EventEmitter, "on"> & { readonly env?: NodeJS.ProcessEnv; exit(code: number): unknown },
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
    void notifyServiceManager("STOPPING=1", process.env ?? {}, log);
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

/** SIGUSR2 turns the level to debug, which tells of each call too, and back. */
function changeLevelOnSignal(process: Pick<NodeJS.EventEmitter, "on">, log: CommandLog): void {
  const usual = log.level === "debug" ? "info" : log.level;
  process.on("SIGUSR2", () => {
    log.level = log.level === "debug" ? usual : "debug";
    log.warn("the log level has changed", { to: log.level });
  });
}

/** On the terminal, if the user has one. */
function progressOf({ stderr }: NodeJS.Process, say: (line: string) => void): Progress {
  return createProgress({ terminal: stderr, say, nowMs: () => performance.now() });
}

/** Of this package, wherever it has been installed or built. */
function version(): string {
  const manifest = createRequire(import.meta.url)("etcdlite/package.json") as { version: string };
  return manifest.version;
}
