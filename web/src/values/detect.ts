/**
 * What a value most likely is, told from its bytes alone: cheap enough for every event of a watch, so nothing is
 * parsed that is larger than `PARSED_BYTES`.
 */
import { textOf } from "../store/bytes.ts";
import { kubernetesEnvelope, kubernetesJson } from "./kubernetes.ts";

export type ValueKind = "empty" | "json" | "yaml" | "text" | "hex" | "base64" | "kubernetes" | "binary";

export interface Detection {
  readonly kind: ValueKind;
  /** The value as UTF-8; undefined where it is none. */
  readonly text: string | undefined;
  /** What to call it: `JSON`, `Kubernetes apps/v1 Deployment`. */
  readonly label: string;
}

/** Above this a value is not parsed only to tell what it is. */
const PARSED_BYTES = 256 * 1024;

export function detect(bytes: Uint8Array): Detection {
  if (bytes.length === 0) return { kind: "empty", text: "", label: "Empty" };
  const envelope = kubernetesEnvelope(bytes);
  if (envelope !== undefined) {
    return { kind: "kubernetes", text: undefined, label: kubernetesLabel(envelope.apiVersion, envelope.kind) };
  }
  const text = textOf(bytes);
  if (text === undefined || hasControl(text)) return { kind: "binary", text, label: "Binary" };
  const json = bytes.length <= PARSED_BYTES ? parseJson(text) : looksLikeJson(text) ? {} : undefined;
  if (json !== undefined) {
    const object = kubernetesJson(json);
    const label = object === undefined ? "JSON" : kubernetesLabel(object.apiVersion, object.kind);
    return { kind: "json", text, label };
  }
  if (looksLikeHex(text)) return { kind: "hex", text, label: "Hex" };
  if (looksLikeBase64(text)) return { kind: "base64", text, label: "Base64" };
  if (bytes.length <= PARSED_BYTES && looksLikeYaml(text)) return { kind: "yaml", text, label: "YAML" };
  return { kind: "text", text, label: "Text" };
}

function kubernetesLabel(apiVersion: string, kind: string): string {
  return `Kubernetes ${apiVersion} ${kind}`.trim();
}

/** Control characters that no text file has. */
function hasControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]/.test(text);
}

/** Objects, lists and quoted strings; a bare `12` or `true` reads better as the text that it is. */
function parseJson(text: string): unknown {
  if (!looksLikeJson(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function looksLikeJson(text: string): boolean {
  return /^\s*(\{[\s\S]*\}|\[[\s\S]*\]|"[\s\S]*")\s*$/.test(text);
}

function looksLikeHex(text: string): boolean {
  return (
    text.length >= 16 &&
    text.length % 2 === 0 &&
    /^(?:[0-9a-f]+|[0-9A-F]+)\n?$/.test(text) &&
    /[a-f]/i.test(text) &&
    /[0-9]/.test(text)
  );
}

/** Long enough, whole, and mixed as no word is: four groups of letters alone would be most words of a language. */
function looksLikeBase64(text: string): boolean {
  const body = text.trimEnd();
  if (body.length < 16 || body.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return false;
  return body.endsWith("=") || (/[a-z]/.test(body) && /[A-Z]/.test(body) && /[0-9]/.test(body));
}

const YAML_LINE = /^(?:---|\.\.\.|#.*|\s.*|- .*|-|(?:"[^"]*"|'[^']*'|[\w./@-][\w ./@-]*):(?:\s.*)?|[\]}],?|)$/;

/** Every line has a form that YAML gives it, and one of them says that it is more than prose. */
function looksLikeYaml(text: string): boolean {
  const lines = text.split(/\r?\n/);
  if (!lines.every((line) => YAML_LINE.test(line))) return false;
  const [first, second] = lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
  if (first === undefined) return false;
  if (first === "---") return second !== undefined;
  if (/^- \S/.test(first)) return second !== undefined;
  return /^(?:"[^"]*"|'[^']*'|[\w./@-]+):(?:\s|$)/.test(first) && !/^https?:/.test(first);
}
