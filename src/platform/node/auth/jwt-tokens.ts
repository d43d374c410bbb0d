import { CompactSign, type CryptoKey, compactVerify, type KeyObject } from "jose";
import { EtcdError, Status } from "../../../errors.ts";
import type { TokenProvider } from "../../../rpc/index.ts";
import type { Caller } from "../../../server/index.ts";

type JwtKey = CryptoKey | KeyObject | Uint8Array;

export interface JwtTokensOptions {
  /** `RS256` and the like. */
  readonly algorithm: string;
  readonly verifyKey: JwtKey;
  /** Undefined where tokens are made elsewhere. */
  readonly signKey: JwtKey | undefined;
  readonly ttlMs: number;
  /** Since 1970. */
  readonly nowMs: () => number;
}

/** Tokens held before those are looked for that have run out. */
const MIN_SWEEP_SIZE = 1000;

interface Verified {
  readonly caller: Caller;
  /** In seconds since 1970. */
  readonly expiresAt: number;
  readonly notBefore: number;
}

/**
 * Tokens that say by themselves, signed, whose they are, of which auth revision, and until when. Nothing takes
 * one back before that: what changes users or roles makes it old by its revision.
 *
 * What was verified once is remembered for as long as it is good, so that later calls need not wait.
 */
export class JwtTokens implements TokenProvider {
  readonly #options: JwtTokensOptions;
  readonly #verified = new Map<string, Verified>();
  #sweepSize = MIN_SWEEP_SIZE;

  constructor(options: JwtTokensOptions) {
    this.#options = options;
  }

  /** Tokens remembered, some of which may have run out. */
  get size(): number {
    return this.#verified.size;
  }

  find(token: string): Caller | undefined {
    const verified = this.#verified.get(token);
    if (verified === undefined) return undefined;
    const now = this.#options.nowMs() / 1000;
    return verified.notBefore <= now && now < verified.expiresAt ? verified.caller : undefined;
  }

  verify(token: string): Promise<void> | undefined {
    return this.#verified.has(token) ? undefined : this.#verify(token);
  }

  async assign(username: string, revision: number): Promise<string> {
    const { algorithm, signKey, ttlMs, nowMs } = this.#options;
    if (signKey === undefined) throw unknown("auth: token signing attempted with verify-only key");
    const exp = Math.floor((nowMs() + ttlMs) / 1000);
    const payload = new TextEncoder().encode(JSON.stringify({ exp, revision, username }));
    try {
      return await new CompactSign(payload).setProtectedHeader({ alg: algorithm, typ: "JWT" }).sign(signKey);
    } catch (error) {
      throw unknown(error instanceof Error ? error.message : String(error));
    }
  }

  invalidateUser(): void {}

  clear(): void {}

  async #verify(token: string): Promise<void> {
    const { algorithm, verifyKey, nowMs } = this.#options;
    let verified: Verified | undefined;
    try {
      const { payload } = await compactVerify(token, verifyKey, { algorithms: [algorithm] });
      verified = readClaims(JSON.parse(new TextDecoder().decode(payload)));
    } catch {
      // It is none of ours.
    }
    if (verified === undefined || verified.expiresAt <= nowMs() / 1000) return;
    if (this.#verified.size >= this.#sweepSize) this.#sweep();
    this.#verified.set(token, verified);
  }

  #sweep(): void {
    const now = this.#options.nowMs() / 1000;
    for (const [token, { expiresAt }] of this.#verified) if (expiresAt <= now) this.#verified.delete(token);
    this.#sweepSize = Math.max(MIN_SWEEP_SIZE, 2 * this.#verified.size);
  }
}

function readClaims(claims: unknown): Verified | undefined {
  if (typeof claims !== "object" || claims === null) return undefined;
  const { username, revision, exp, nbf } = claims as Record<string, unknown>;
  if (typeof username !== "string" || typeof revision !== "number") return undefined;
  if (!isDate(exp) || !isDate(nbf)) return undefined;
  return {
    caller: { username, revision: Math.trunc(revision) },
    // As in etcd, 0 is as if it were not said.
    expiresAt: exp || Number.POSITIVE_INFINITY,
    notBefore: nbf || Number.NEGATIVE_INFINITY,
  };
}

function isDate(claim: unknown): claim is number | undefined {
  return claim === undefined || typeof claim === "number";
}

function unknown(message: string): EtcdError {
  return new EtcdError(Status.UNKNOWN, message);
}
