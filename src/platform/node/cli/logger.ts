/** The log of the command: one line a message, for people or as JSON, to the terminal or to files. */
import { openSync, writeSync } from "node:fs";
import { type Logger, pino } from "pino";
import { ConfigError } from "../listen/urls.ts";
import type { Log, LogFields } from "../log.ts";
import type { LogRotation } from "./log-rotation.ts";
import { RotatingFile } from "./rotating-file.ts";

/** etcd's levels. What etcd calls panic is as final as fatal, and the same here. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "panic", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: "console" | "json";
  /** `stderr`, `stdout`, `default` and `systemd/journal`, which are stderr too, or files to append to. */
  readonly outputs: readonly string[];
  /** Of the file among the outputs; undefined for none. */
  readonly rotation?: LogRotation | undefined;
}

/** A log whose level can be changed while it is written. */
export interface CommandLog extends Log {
  level: LogLevel;
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
export function createLog(settings: LogSettings, terminal: Terminal): CommandLog {
  const options = {
    level: pinoLevel(settings.level),
    base: null,
    messageKey: "msg",
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const outputs = settings.outputs.map((output) => writerTo(output, settings, terminal));
  const toAll: Write = (line) => {
    for (const write of outputs) write(line);
  };
  const write: Write = settings.format === "json" ? toAll : (line) => toAll(readable(line));
  return new PinoLog(pino(options, { write }), settings.level);
}

function pinoLevel(level: LogLevel): Exclude<LogLevel, "panic"> {
  return level === "panic" ? "fatal" : level;
}

function writerTo(output: string, { rotation }: LogSettings, terminal: Terminal): Write {
  switch (output) {
    case "stdout":
      return (line) => void terminal.stdout.write(line);
    case "default":
    case "stderr":
    case "systemd/journal":
      return (line) => void terminal.stderr.write(line);
    default:
      return fileWriter(output, rotation);
  }
}

/** At once, so that the last words of a process are there. */
function fileWriter(path: string, rotation: LogRotation | undefined): Write {
  try {
    if (rotation !== undefined) {
      const rotating = new RotatingFile(path, rotation);
      return (line) => rotating.write(line);
    }
    const file = openSync(path, "a");
    return (line) => void writeSync(file, line);
  } catch (error) {
    throw new ConfigError(`--log-outputs ${path} cannot be written: ${(error as Error).message}`);
  }
}

class PinoLog implements CommandLog {
  readonly #pino: Logger;
  #level: LogLevel;

  constructor(pino: Logger, level: LogLevel) {
    this.#pino = pino;
    this.#level = level;
  }

  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    this.#level = level;
    this.#pino.level = pinoLevel(level);
  }

  get isVerbose(): boolean {
    return this.#level === "debug";
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#pino.debug(fields, message);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#pino.info(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#pino.warn(fields, message);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#pino.error(fields, message);
  }
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
