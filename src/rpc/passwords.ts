/** bcrypt, as etcd has it: of a password no more than 72 bytes, and hashes that begin with `$2a$`. */
import bcrypt from "bcryptjs";
import { EtcdError, Status } from "../errors.ts";

/** Who does the work, which takes a tenth of a second at the default cost. */
export interface Passwords {
  /** @param salt `$2a$10$` and 22 characters */
  hash(password: string, salt: string): Promise<string>;
  /** @param hash one by its form */
  matches(password: string, hash: string): Promise<boolean>;
}

/** In this thread, in slices of up to a tenth of a second. */
export const LOCAL_PASSWORDS: Passwords = {
  hash: (password, salt) => bcrypt.hash(password, salt),
  matches: (password, hash) => bcrypt.compare(password, hash),
};

const DEFAULT_COST = 10;
const MIN_COST = 4;
const MAX_COST = 31;
const MAX_PASSWORD_BYTES = 72;
const SALT_BYTES = 16;
/** bcrypt's own alphabet for base 64. */
const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** Salt and hash, for behind a cost. It ends in a character that no hash ends in. */
const NOBODYS_HASH = "CjwKEHLUMfbbfsGbdk4zUeMIBGoKkqRcNgFsJmMbEIrXsqTSTTY7C";

/** As in etcd, for a cost that cannot be it is the default. */
export function bcryptCostOf(cost = DEFAULT_COST): number {
  return Number.isInteger(cost) && cost >= MIN_COST && cost <= MAX_COST ? cost : DEFAULT_COST;
}

/** @throws EtcdError for a password that is too long to be hashed, in bcrypt's words */
export function checkPassword(password: string): void {
  if (password.length * 3 <= MAX_PASSWORD_BYTES) return;
  if (new TextEncoder().encode(password).length <= MAX_PASSWORD_BYTES) return;
  throw new EtcdError(Status.UNKNOWN, `bcrypt: password length exceeds ${MAX_PASSWORD_BYTES} bytes`);
}

/** Whether it has the form of a bcrypt hash. */
export function isHash(hash: string): boolean {
  return /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/.test(hash);
}

/** The hash that a client sends in base 64; undefined for what Go would not read as such. */
export function decodeHash(base64: string): Uint8Array | undefined {
  const text = base64.replace(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function newSalt(cost: number): string {
  return saltPrefix(cost) + encode(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
}

/** To compare a password with where there is no user: it takes as long, and no password has it. */
export function nobodysHash(cost: number): string {
  return saltPrefix(cost) + NOBODYS_HASH;
}

function saltPrefix(cost: number): string {
  return `$2a$${String(cost).padStart(2, "0")}$`;
}

/** Six bits a character, the last ones filled up with zeros. */
function encode(bytes: Uint8Array): string {
  let encoded = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) encoded += ALPHABET[(held >> (bits - 6)) & 63];
    held &= 63;
  }
  return bits === 0 ? encoded : encoded + ALPHABET[(held << (6 - bits)) & 63];
}
