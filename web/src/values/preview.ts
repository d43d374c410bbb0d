import { textOf } from "../store/bytes.ts";
import { detect } from "./detect.ts";
import { toForm } from "./forms.ts";

export interface Preview {
  readonly text: string;
  readonly hex: boolean;
  readonly leftBytes: number;
}

/** The beginning of a value as text, or as hex where it is none. */
export function preview(bytes: Uint8Array, limitBytes: number): Preview {
  const whole = bytes.length <= limitBytes;
  const { kind, text } = detect(whole ? bytes : wholeCharacters(bytes.subarray(0, limitBytes)));
  if (text !== undefined && kind !== "binary")
    return { text, hex: false, leftBytes: bytes.length - (whole ? bytes.length : limitBytes) };
  const part = bytes.subarray(0, Math.ceil(limitBytes / 4));
  return { text: toForm(part, "hex") ?? "", hex: true, leftBytes: bytes.length - part.length };
}

/** Without the first bytes of a character that was cut through. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  for (let cut = 0; cut < 4; cut++) {
    const part = bytes.subarray(0, bytes.length - cut);
    if (textOf(part) !== undefined) return part;
  }
  return bytes;
}
