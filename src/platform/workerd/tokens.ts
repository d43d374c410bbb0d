import { randomToken, type TokenProvider } from "../../rpc/index.ts";
import type { Caller, Clock } from "../../server/index.ts";
import type { SqlStorage } from "./types.ts";

export interface KeptTokensOptions {
  readonly sql: SqlStorage;
  readonly clock: Pick<Clock, "now">;
  /** How long a token lasts that nobody uses. */
  readonly ttlMs: number;
}

interface HeldToken {
  readonly username: string;
  /** As it is kept. */
  keptUntilMs: number;
  caller: Caller;
}

/** That a token is used is written down when so much of its time has gone: each use would be a write. */
const REFRESH_SHARE = 0.1;
/** Held at once, without asking the database again. */
const MAX_HELD = 1000;

/**
 * etcd's simple tokens, kept in the object's database: a server knows its tokens until it stops, but an object
 * sleeps whenever nobody asks for a few seconds, and each login anew would cost a bcrypt.
 */
export class KeptTokens implements TokenProvider {
  readonly #options: KeptTokensOptions;
  /** Of those that are kept, the ones that were asked for. */
  readonly #held = new Map<string, HeldToken>();

  constructor(options: KeptTokensOptions) {
    this.#options = options;
    options.sql.exec(
      "CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, username TEXT NOT NULL, until_ms INTEGER NOT NULL) " +
        "STRICT, WITHOUT ROWID",
    );
  }

  find(token: string, revision: number): Caller | undefined {
    const { sql, clock, ttlMs } = this.#options;
    const held = this.#held.get(token) ?? this.#load(token);
    if (held === undefined) return undefined;
    const nowMs = clock.now();
    if (held.keptUntilMs < nowMs) {
      this.#held.delete(token);
      return undefined;
    }
    if (held.keptUntilMs < nowMs + ttlMs * (1 - REFRESH_SHARE)) {
      held.keptUntilMs = nowMs + ttlMs;
      sql.exec("UPDATE tokens SET until_ms = ? WHERE token = ?", held.keptUntilMs, token);
    }
    if (held.caller.revision !== revision) held.caller = { username: held.username, revision };
    return held.caller;
  }

  assign(username: string, revision: number, index: number): string {
    const { sql, clock, ttlMs } = this.#options;
    const nowMs = clock.now();
    const token = randomToken(index);
    sql.exec("DELETE FROM tokens WHERE until_ms < ?", nowMs);
    sql.exec("INSERT INTO tokens VALUES (?, ?, ?)", token, username, nowMs + ttlMs);
    this.#held.set(token, { username, keptUntilMs: nowMs + ttlMs, caller: { username, revision } });
    return token;
  }

  invalidateUser(username: string): void {
    this.#options.sql.exec("DELETE FROM tokens WHERE username = ?", username);
    this.#held.clear();
  }

  clear(): void {
    this.#options.sql.exec("DELETE FROM tokens");
    this.#held.clear();
  }

  #load(token: string): HeldToken | undefined {
    const rows = this.#options.sql.exec("SELECT username, until_ms FROM tokens WHERE token = ?", token).raw();
    const [[username, untilMs] = []] = [...rows];
    if (typeof username !== "string") return undefined;
    if (this.#held.size >= MAX_HELD) this.#held.clear();
    const held = { username, keptUntilMs: Number(untilMs), caller: { username, revision: 0 } };
    this.#held.set(token, held);
    return held;
  }
}
