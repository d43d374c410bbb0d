/**
 * The forms in which a value's bytes are read and typed. Each goes both ways and keeps every byte:
 *
 *     text     UTF-8 as it stands; there is none for bytes that are not UTF-8
 *     hex      `68 65 6c 6c 6f`, 16 bytes a line; white space is ignored when it is read
 *     base64   RFC 4648 with padding, 76 characters a line; white space is ignored when it is read
 */
import { textOf, utf8 } from "../store/bytes.ts";

export const FORMS = ["text", "hex", "base64"] as const;
export type Form = (typeof FORMS)[number];

export const FORM_LABELS: Record<Form, string> = { text: "Text", hex: "Hex", base64: "Base64" };

export type Parsed = { readonly bytes: Uint8Array } | { readonly error: string };

/** Undefined where the bytes have no such form. */
export function toForm(bytes: Uint8Array, form: Form): string | undefined {
  if (form === "text") return textOf(bytes);
  return form === "hex" ? toHex(bytes) : toBase64(bytes);
}

export function fromForm(text: string, form: Form): Parsed {
  if (form === "text") return { bytes: utf8(text) };
  return form === "hex" ? fromHex(text) : fromBase64(text);
}

const ROW_BYTES = 16;

function toHex(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW_BYTES) {
    rows.push(Array.from(bytes.subarray(at, at + ROW_BYTES), hexByte).join(" "));
  }
  return rows.join("\n");
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function hexByte(byte: number): string {
  return HEX[byte] ?? "";
}

function fromHex(text: string): Parsed {
  const digits = text.replace(/\s+/g, "");
  const wrong = /[^0-9a-fA-F]/.exec(digits)?.[0];
  if (wrong !== undefined) return { error: `“${wrong}” is no hex digit` };
  if (digits.length % 2 !== 0) return { error: "A hex digit is missing: every byte has two" };
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return { bytes };
}

const CHUNK_BYTES = 0x8000;

/** Without line breaks. */
export function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES));
  }
  return btoa(binary);
}

function toBase64(bytes: Uint8Array): string {
  return base64Of(bytes).replace(/.{76}(?=.)/g, "$&\n");
}

function fromBase64(text: string): Parsed {
  const body = text.replace(/\s+/g, "");
  const wrong = /[^A-Za-z0-9+/=]/.exec(body)?.[0];
  if (wrong !== undefined) return { error: `“${wrong}” is not in base64's alphabet` };
  try {
    return { bytes: Uint8Array.from(atob(body), (character) => character.charCodeAt(0)) };
  } catch {
    return { error: "This is not whole base64: its length or its padding is wrong" };
  }
}
