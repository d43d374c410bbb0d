/** How two values differ, in the way that suits them. */
import { equalBytes } from "../store/bytes.ts";
import { detect } from "../values/detect.ts";
import { prettyJson } from "../values/json.ts";
import { type ByteDiff, byteDiff } from "./bytediff.ts";
import { type LineDiff, lineDiff } from "./linediff.ts";

export type Difference =
  | { readonly kind: "none" }
  /** @param indented both were indented to be compared: they are JSON on lines too long to compare */
  | { readonly kind: "lines"; readonly diff: LineDiff; readonly indented: boolean }
  | { readonly kind: "bytes"; readonly diff: ByteDiff };

export function differenceOf(before: Uint8Array, after: Uint8Array): Difference {
  if (equalBytes(before, after)) return { kind: "none" };
  const old = detect(before);
  const young = detect(after);
  if (old.text === undefined || young.text === undefined || old.kind === "binary" || young.kind === "binary") {
    return { kind: "bytes", diff: byteDiff(before, after) };
  }
  if (old.kind === "json" && young.kind === "json" && (hasLongLine(old.text) || hasLongLine(young.text))) {
    const [from, to] = [prettyJson(old.text), prettyJson(young.text)];
    if (from !== to) return { kind: "lines", diff: lineDiff(from, to), indented: true };
  }
  return { kind: "lines", diff: lineDiff(old.text, young.text), indented: false };
}

const LONG_LINE = 60;

function hasLongLine(text: string): boolean {
  return text.split("\n").some((line) => line.length > LONG_LINE);
}
