/**
 * What the server says about itself. The library is silent unless it is given a log; the CLI gives it pino.
 */

export type LogFields = Readonly<Record<string, unknown>>;

/** Messages are whole sentences in lower case; what varies goes into the fields. */
export interface Log {
  /** Whether what is said by `debug` is written at the moment; default false. */
  readonly isVerbose?: boolean;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const nothing = (): void => {};

export const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
