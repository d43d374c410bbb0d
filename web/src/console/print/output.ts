import type { GoString } from "../language/gostring.ts";

/** Where a command prints to. */
export interface Output {
  /** @param key if the text is that key, it can be gone to */
  out(text: GoString, key?: Uint8Array): void;
  err(text: GoString): void;
}

export const FORMATS = ["fields", "json", "protobuf", "simple", "table"] as const;
export type Format = (typeof FORMATS)[number];

/** How a command's response is printed. */
export interface Style {
  readonly format: Format;
  readonly isHex: boolean;
  readonly valueOnly: boolean;
}
