/** The flags of the log. */
import { ConfigError } from "../listen/urls.ts";
import { type LogRotation, logRotation } from "./log-rotation.ts";
import { isLogLevel, LOG_LEVELS, type LogSettings } from "./logger.ts";
import type { Values } from "./values.ts";

const DEFAULT_OUTPUT = "default";

/** @throws ConfigError */
export function logSettings(values: Values): LogSettings {
  const logger = values.text("logger") ?? "zap";
  if (logger !== "zap") throw new ConfigError(`unknown --logger ${JSON.stringify(logger)}: zap`);
  const text = values.path("log-level") ?? "info";
  // As zap has it: all in lower case, or all in upper case.
  const level = text === text.toUpperCase() ? text.toLowerCase() : text;
  if (!isLogLevel(level)) {
    throw new ConfigError(`unknown --log-level ${JSON.stringify(text)}: ${LOG_LEVELS.join(", ")}`);
  }
  const format = values.text("log-format") ?? "console";
  if (format !== "console" && format !== "json") {
    throw new ConfigError(`unknown --log-format ${JSON.stringify(format)}: console or json`);
  }
  const chosen = outputs(values);
  return { level, format, outputs: chosen, rotation: rotation(values, chosen) };
}

function outputs(values: Values): string[] {
  const given = values.list("log-outputs") ?? [];
  if (given.length > 1 && given.includes(DEFAULT_OUTPUT)) {
    throw new ConfigError(`--log-outputs: "${DEFAULT_OUTPUT}" goes with no other output`);
  }
  return given.length === 0 ? [DEFAULT_OUTPUT] : given;
}

/** Undefined for none. */
function rotation(values: Values, chosen: readonly string[]): LogRotation | undefined {
  if (!values.bool("enable-log-rotation")) return undefined;
  const files = chosen.filter((output) => !["default", "stderr", "stdout"].includes(output));
  if (files.length > 1 || (files.length === 0 && chosen.length === 1)) {
    throw new ConfigError("--enable-log-rotation requires a single file in --log-outputs");
  }
  return logRotation(values.text("log-rotation-config-json") ?? "{}");
}
