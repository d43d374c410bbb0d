import type { HandlerContext } from "@connectrpc/connect";
import { etcdError } from "../errors.ts";
import type { Caller, Etcd } from "../server/index.ts";
import { commonNameOf, tokenOf } from "./caller.ts";
import type { TokenProvider } from "./tokens/provider.ts";

/**
 * Who calls a method, and what it may do, asked before anything is done. With auth off everyone may do
 * everything, and to ask costs nothing: no header is looked at.
 *
 * For methods that have a rule of their own, `caller` goes along to the Etcd, which checks it as it does the
 * request: `etcd.put(request, access.caller(context))`.
 */
export class Access {
  readonly #etcd: Etcd;
  readonly #tokens: TokenProvider;

  constructor(etcd: Etcd, tokens: TokenProvider) {
    this.#etcd = etcd;
    this.#tokens = tokens;
  }

  /** Undefined with auth off, and for a call that does not say whose it is. @throws EtcdError `invalidAuthToken` */
  caller(context: HandlerContext): Caller | undefined {
    const { auth } = this.#etcd;
    if (!auth.enabled) return undefined;
    const token = tokenOf(context);
    if (token !== undefined) {
      const caller = this.#tokens.find(token, auth.revision);
      if (caller === undefined) throw etcdError("invalidAuthToken");
      return caller;
    }
    const username = commonNameOf(context);
    return username === undefined ? undefined : { username, revision: auth.revision };
  }

  /** For what anyone may do who says who it is. @throws EtcdError `invalidAuthToken`, `userEmpty` */
  requireUser(context: HandlerContext): Caller | undefined {
    const caller = this.caller(context);
    if (caller === undefined && this.#etcd.auth.enabled) throw etcdError("userEmpty");
    return caller;
  }

  /**
   * For what only root may do.
   * @throws EtcdError `invalidAuthToken`, `userEmpty`, `userNotFound`, `permissionDenied`
   */
  requireAdmin(context: HandlerContext): void {
    this.#etcd.auth.requireAdmin(this.caller(context));
  }

  /**
   * Settles once the call's token has been looked at, for a token that takes time; undefined where nothing has
   * to wait. Until then `caller` does not know such a token.
   * @param isStream whether the call may outlast a change of auth
   */
  pending(context: HandlerContext, isStream: boolean): Promise<void> | undefined {
    const tokens = this.#tokens;
    if (tokens.verify === undefined || (!isStream && !this.#etcd.auth.enabled)) return undefined;
    const token = tokenOf(context);
    return token === undefined ? undefined : tokens.verify(token);
  }
}
