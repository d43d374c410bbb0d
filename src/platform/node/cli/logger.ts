/** The log of the command, on stderr: one line a message, for people or as JSON. */
import { type Logger, pino } from "pino";
import type { Log, LogFields } from "../log.ts";

/** etcd's levels. What etcd calls panic is as final as fatal, and the same here. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "panic", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: "console" | "json";
}

export function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

export function createLog(settings: LogSettings, output: NodeJS.WritableStream): Log {
  const options = {
    level: settings.level === "panic" ? "fatal" : settings.level,
    base: null,
    messageKey: "msg",
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const write =
    settings.format === "json"
      ? (line: string) => void output.write(line)
      : (line: string) => void output.write(readable(line));
  return asLog(pino(options, { write }));
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
