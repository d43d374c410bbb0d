/**
 * The users and roles of a store, as its Auth service tells of them. They are read anew when the auth revision has
 * gone up, which every change of them makes it do, whoever made it.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import { wantsSignIn } from "../store/refusal.ts";
import { background } from "../store/requestlog.ts";
import type { Session } from "../store/session.ts";
import { Cell } from "../ui/cell.ts";
import type { AuthClient } from "./auth.ts";
import { ROOT_ROLE, type Role } from "./permissions.ts";

export interface User {
  readonly name: string;
  /** In order. */
  readonly roles: readonly string[];
}

export type AuthState =
  | { readonly kind: "loading" }
  /** The store has no Auth service. */
  | { readonly kind: "absent" }
  /** Nobody is signed in. */
  | { readonly kind: "nobody" }
  /** Whoever is signed in is not root: only what concerns this user. */
  | { readonly kind: "own"; readonly user: User; readonly roles: readonly Role[] }
  | { readonly kind: "failed"; readonly error: ConnectError }
  | {
      readonly kind: "all";
      readonly enabled: boolean;
      readonly users: readonly User[];
      readonly roles: readonly Role[];
    };

/** Asked about at once, at most. */
const PARALLEL = 8;
const CALL = { timeoutMs: 10_000 };

export class AuthBook {
  readonly state = new Cell<AuthState>({ kind: "loading" });
  readonly #auth: AuthClient;
  readonly #session: Pick<Session, "user" | "leave">;
  #revision: bigint | undefined;
  #turn = 0;

  /** @param session of whoever reads it; left where authentication is off, as a token means nothing then */
  constructor(auth: AuthClient, session: Pick<Session, "user" | "leave">) {
    this.#auth = auth;
    this.#session = session;
  }

  /** Reads all of it, and settles when it is in `state`. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    const state = await this.#read();
    if (turn === this.#turn) this.state.set(state);
  }

  /** Reads it if something has changed. */
  async refresh(): Promise<void> {
    const turn = this.#turn;
    try {
      const { authRevision, enabled } = await this.#auth.authStatus({}, { ...CALL, contextValues: background });
      const held = this.state.value;
      const isSame = authRevision === this.#revision && (held.kind !== "all" || held.enabled === enabled);
      if (turn === this.#turn && (!isSame || held.kind === "nobody" || held.kind === "failed")) await this.load();
    } catch {
      // The next load says what is wrong.
    }
  }

  async #read(): Promise<AuthState> {
    // Who signs in meanwhile does so because it is on by now.
    const user = this.#session.user.value;
    try {
      const { enabled, authRevision } = await this.#auth.authStatus({}, CALL);
      this.#revision = authRevision;
      if (!enabled && user !== undefined && user === this.#session.user.value) this.#session.leave();
      return await this.#readAll(enabled);
    } catch (thrown) {
      const error = ConnectError.from(thrown);
      if (error.code === Code.Unimplemented) return { kind: "absent" };
      if (wantsSignIn(error)) return { kind: "nobody" };
      if (error.code === Code.PermissionDenied && user !== undefined) return this.#readOwn(user);
      return { kind: "failed", error };
    }
  }

  async #readAll(enabled: boolean): Promise<AuthState> {
    const [{ users: userNames }, { roles: roleNames }] = await Promise.all([
      this.#auth.userList({}, CALL),
      this.#auth.roleList({}, CALL),
    ]);
    const users = await each(userNames, async (name) => {
      const { roles } = await this.#auth.userGet({ name }, CALL);
      return { name, roles };
    });
    const roles = await each(roleNames, (name) => this.#readRole(name));
    return { kind: "all", enabled, users, roles };
  }

  /** What every user may read of themselves. */
  async #readOwn(name: string): Promise<AuthState> {
    try {
      const { roles: names } = await this.#auth.userGet({ name }, CALL);
      const roles = await each(names, (role) => this.#readRole(role));
      return { kind: "own", user: { name, roles: names }, roles };
    } catch (error) {
      return { kind: "failed", error: ConnectError.from(error) };
    }
  }

  async #readRole(name: string): Promise<Role> {
    if (name === ROOT_ROLE) return { name, permissions: [] };
    const { perm } = await this.#auth.roleGet({ role: name }, CALL);
    return { name, permissions: perm };
  }
}

/** In their order; one that has gone meanwhile is left out. */
async function each<T>(names: readonly string[], read: (name: string) => Promise<T>): Promise<T[]> {
  const found: Array<T | undefined> = names.map(() => undefined);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < names.length; at = next++) {
      found[at] = await read(names[at] ?? "").catch((error: unknown) => {
        if (/name not found/.test(ConnectError.from(error).rawMessage)) return undefined;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return found.filter((one) => one !== undefined) as T[];
}
