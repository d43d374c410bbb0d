import type { Caller } from "../../server/index.ts";

/** Gives tokens to users who have shown their password, and knows them again. */
export interface TokenProvider {
  /**
   * Whose a token is; undefined where it is none, or none any more. At once, so that a call that has one
   * answers at once: where a token takes time to be looked at, `verify` has done so before.
   * @param revision the auth revision as it is now
   */
  find(token: string, revision: number): Caller | undefined;

  /** Looks at a token that `find` cannot know yet; undefined where there is no need to. Never rejects. */
  verify?(token: string): Promise<void> | undefined;

  /**
   * A new token.
   * @param index number of the last request before the login
   * @throws EtcdError where none can be made
   */
  assign(username: string, revision: number, index: number): string | Promise<string>;

  /** The user is gone or has another password. */
  invalidateUser(username: string): void;

  /** Auth is off. */
  clear(): void;
}
