/** The log of the command: one line a message, for people or as JSON, to the terminal or to files. */
import { openSync, writeSync } from "node:fs";
import { type Logger, pino } from "pino";
import type { Log, LogFields } from "../log.ts";
import { ConfigError } from "../urls.ts";

/** etcd's levels. What etcd calls panic is as final as fatal, and the same here. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "panic", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: "console" | "json";
  /** `stderr`, `stdout`, `default` and `systemd/journal`, which are stderr too, or files to append to. */
  readonly outputs: readonly string[];
}

interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

type Write = (line: string) => void;

export function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

/** @throws ConfigError for a file that cannot be written */
export function createLog(settings: LogSettings, terminal: Terminal): Log {
  const options = {
    level: settings.level === "panic" ? "fatal" : settings.level,
    base: null,
    messageKey: "msg",
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const outputs = settings.outputs.map((output) => writerTo(output, terminal));
  const toAll: Write = (line) => {
    for (const write of outputs) write(line);
  };
  return asLog(pino(options, { write: settings.format === "json" ? toAll : (line) => toAll(readable(line)) }));
}

function writerTo(output: string, terminal: Terminal): Write {
  switch (output) {
    case "stdout":
      return (line) => void terminal.stdout.write(line);
    case "default":
    case "stderr":
    case "systemd/journal":
      return (line) => void terminal.stderr.write(line);
    default:
      return fileWriter(output);
  }
}

/** At once, so that the last words of a process are there. */
function fileWriter(path: string): Write {
  try {
    const file = openSync(path, "a");
    return (line) => void writeSync(file, line);
  } catch (error) {
    throw new ConfigError(`--log-outputs ${path} cannot be written: ${(error as Error).message}`);
  }
}

function asLog(logger: Logger): Log {
  const at =
    (level: "debug" | "info" | "warn" | "error") =>
    (message: string, fields: LogFields = {}): void =>
      logger[level](fields, message);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** `12:34:56.789 WARN  message field=value` */
function readable(line: string): string {
  const { level, ts, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const time = String(ts).slice("2000-01-01T".length, -1);
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${text(value)}`);
  return `${time} ${String(level).toUpperCase().padEnd(5)} ${msg}${details.join("")}\n`;
}

function text(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
