import { textOf } from "../../store/bytes.ts";
import { type GoString, toBytes, toText } from "./gostring.ts";

/** A word for bash, zsh and ksh, quoted only if need be; what does not print, and no UTF-8, by `$'\xNN'`. */
export function shellWord(word: GoString): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  const text = textOf(toBytes(word));
  if (text !== undefined && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  return `$'${[...(word.match(PARTS) ?? [])].map(escapePart).join("")}'`;
}

const PARTS = /[ -~]+|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\s\S]/g;

function escapePart(part: GoString): string {
  if (/^[ -~]/.test(part)) return part.replace(/[\\']/g, "\\$&");
  if (part.length > 1 && textOf(toBytes(part)) !== undefined && !/[\p{C}\p{Z}]/u.test(toText(part)))
    return toText(part);
  if (part === "\n") return "\\n";
  if (part === "\t") return "\\t";
  return Array.from(part, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");
}
