/**
 * SQLite as the runtime has it: `node:sqlite` in Node and Deno, and in Bun its own `bun:sqlite`. What is used of the
 * two has the shape of Node's.
 */
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";

export interface Sqlite {
  readonly isTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

type Row = Record<string, SQLOutputValue>;

export interface Statement {
  /** Whether `all` gives each row as an array of its columns. */
  setReturnArrays(enabled: boolean): void;
  run(...values: SQLInputValue[]): unknown;
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
}

/**
 * @param location a path; as a URL, which is only read, it may say `immutable=1`
 * @throws in Node an error of the code ERR_SQLITE_ERROR, in Bun a SQLiteError
 */
export function openSqlite(location: string | URL): Sqlite {
  if ("bun" in process.versions) return new BunDatabase(location);
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  return new DatabaseSync(location, { readOnly: location instanceof URL });
}

/** What of Bun is used; its types are not Node's. */
interface BunSqlite {
  readonly Database: new (location: string, flags: number) => BunHandle;
  readonly constants: Readonly<Record<`SQLITE_OPEN_${"READONLY" | "READWRITE" | "CREATE" | "URI"}`, number>>;
}

interface BunHandle {
  readonly inTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): BunStatementHandle;
  close(throwOnError: boolean): void;
}

interface BunStatementHandle {
  run(...values: SQLInputValue[]): unknown;
  get(...values: SQLInputValue[]): Row | null;
  all(...values: SQLInputValue[]): Row[];
  values(...values: SQLInputValue[]): SQLOutputValue[][];
  finalize(): void;
}

class BunDatabase implements Sqlite {
  readonly #handle: BunHandle;
  readonly #statements: BunStatementHandle[] = [];

  constructor(location: string | URL) {
    const { Database, constants: flags } = process.getBuiltinModule("bun:sqlite") as BunSqlite;
    this.#handle =
      location instanceof URL
        ? new Database(location.href, flags.SQLITE_OPEN_READONLY | flags.SQLITE_OPEN_URI)
        : new Database(location, flags.SQLITE_OPEN_READWRITE | flags.SQLITE_OPEN_CREATE);
  }

  get isTransaction(): boolean {
    return this.#handle.inTransaction;
  }

  exec(sql: string): void {
    this.#handle.exec(sql);
  }

  prepare(sql: string): Statement {
    const statement = this.#handle.prepare(sql);
    this.#statements.push(statement);
    return new BunStatement(statement);
  }

  close(): void {
    // A database with statements left keeps its lock.
    for (const statement of this.#statements.splice(0)) statement.finalize();
    this.#handle.close(true);
  }
}

class BunStatement implements Statement {
  readonly #handle: BunStatementHandle;
  #returnsArrays = false;

  constructor(handle: BunStatementHandle) {
    this.#handle = handle;
  }

  setReturnArrays(enabled: boolean): void {
    this.#returnsArrays = enabled;
  }

  run(...values: SQLInputValue[]): unknown {
    return this.#handle.run(...values);
  }

  get(...values: SQLInputValue[]): Row | undefined {
    return this.#handle.get(...values) ?? undefined;
  }

  /** As Node's, whose type does not know of arrays. */
  all(...values: SQLInputValue[]): Row[] {
    return this.#returnsArrays ? (this.#handle.values(...values) as unknown as Row[]) : this.#handle.all(...values);
  }
}
