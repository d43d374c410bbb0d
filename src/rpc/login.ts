import { passwordForNone } from "../auth/index.ts";
import { etcdError } from "../errors.ts";
import type { User } from "../gen/authpb/auth_pb.ts";
import type { Caller, Etcd } from "../server/index.ts";
import { checkPassword, isHash, newSalt, nobodysHash, type Passwords } from "./passwords.ts";
import type { TokenProvider } from "./tokens/provider.ts";

export interface LoginOptions {
  readonly etcd: Etcd;
  readonly tokens: TokenProvider;
  readonly passwords: Passwords;
  readonly bcryptCost: number;
}

const NO_HASH = new Uint8Array(0);

/** Passwords of users: shown to get a token, and hashed to be kept (rule AU3). */
export class Login {
  readonly #etcd: Etcd;
  readonly #tokens: TokenProvider;
  readonly #passwords: Passwords;
  readonly #cost: number;

  constructor({ etcd, tokens, passwords, bcryptCost }: LoginOptions) {
    this.#etcd = etcd;
    this.#tokens = tokens;
    this.#passwords = passwords;
    this.#cost = bcryptCost;
  }

  /**
   * A token for the user. Looking at a password takes time, and so may the making of a token: if users or
   * roles have changed by then, it is all done again.
   * @throws EtcdError `authNotEnabled`, `authFailed`, and etcd's own for a user that has no password
   */
  async authenticate(name: string, password: string): Promise<string> {
    const { auth } = this.#etcd;
    for (;;) {
      if (!auth.enabled) throw etcdError("authNotEnabled");
      const { revision } = auth;
      await this.#check(auth.findUser(name), password);
      if (auth.revision !== revision) continue;
      const { raftIndex } = this.#etcd;
      this.#etcd.propose();
      const token = await this.#tokens.assign(name, revision, raftIndex);
      if (auth.revision === revision) return token;
    }
  }

  /**
   * The hash of a new password. For a caller who may not set one anyhow no work is done; who that is, is asked
   * after a look at the password, as etcd does.
   * @throws EtcdError for a password that is too long, and what `caller` throws
   */
  async hash(password: string, caller: () => Caller | undefined): Promise<Uint8Array> {
    checkPassword(password);
    if (!this.#etcd.auth.isAdmin(caller())) return NO_HASH;
    return new TextEncoder().encode(await this.#passwords.hash(password, newSalt(this.#cost)));
  }

  /** It takes as long for a user that is not there, or has a hash that is none, as for a wrong password. */
  async #check(user: User | undefined, password: string): Promise<void> {
    if (user?.options?.noPassword === true) throw passwordForNone();
    const hash = user === undefined ? "" : new TextDecoder().decode(user.password);
    const isMatch = await this.#passwords.matches(password, isHash(hash) ? hash : nobodysHash(this.#cost));
    if (!isMatch) throw etcdError("authFailed");
  }
}
