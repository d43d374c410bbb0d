/** The ways in which a value can be read, and the text of each. */
import { type Detection, detect } from "./detect.ts";
import { fromForm, toForm } from "./forms.ts";
import { prettyJson } from "./json.ts";
import { kubernetesEnvelope, kubernetesText } from "./kubernetes.ts";

export type View = "pretty" | "text" | "hex" | "base64" | "protobuf";

export const VIEW_LABELS: Record<View, string> = {
  pretty: "Pretty",
  text: "Text",
  hex: "Hex dump",
  base64: "Base64",
  protobuf: "Protobuf",
};

export type Language = "json" | "yaml" | "text";

export interface Shown {
  readonly text: string;
  readonly language: Language;
  /** What was done to the value to show it. */
  readonly note: string | undefined;
}

/** The views that a value has, the best one first. */
export function viewsOf({ kind, text }: Detection): readonly View[] {
  const views: View[] = [];
  if (kind === "json" || kind === "kubernetes" || kind === "hex" || kind === "base64") views.push("pretty");
  if (kind === "binary" || kind === "kubernetes") views.push("hex");
  if (text !== undefined) views.push("text");
  if (!views.includes("hex")) views.push("hex");
  views.push("base64", "protobuf");
  // What only may be encoded is shown as it is until the reader asks otherwise.
  return kind === "hex" || kind === "base64" ? ["text", "pretty", "hex", "base64", "protobuf"] : views;
}

/** What one of the textual views shows; undefined where the value has no such view. */
export function shownAs(
  bytes: Uint8Array,
  detection: Detection,
  view: "pretty" | "text" | "base64",
): Shown | undefined {
  if (view === "base64") return { text: toForm(bytes, "base64") ?? "", language: "text", note: undefined };
  if (view === "pretty") return prettyOf(bytes, detection);
  if (detection.text === undefined) return undefined;
  const { kind, text } = detection;
  return { text, language: kind === "json" || kind === "yaml" ? kind : "text", note: undefined };
}

function prettyOf(bytes: Uint8Array, { kind, text }: Detection): Shown | undefined {
  if (kind === "json" && text !== undefined) {
    const pretty = prettyJson(text);
    const note = pretty === text.trim() ? undefined : "Indented for reading; the value itself is as Text shows it.";
    return { text: pretty, language: "json", note };
  }
  if (kind === "kubernetes") {
    const envelope = kubernetesEnvelope(bytes);
    if (envelope === undefined) return undefined;
    return { text: kubernetesText(envelope), language: "yaml", note: "Decoded from Kubernetes' protobuf envelope." };
  }
  if ((kind === "hex" || kind === "base64") && text !== undefined) return decodedOf(text, kind);
  return undefined;
}

function decodedOf(text: string, kind: "hex" | "base64"): Shown | undefined {
  const parsed = fromForm(text, kind);
  if ("error" in parsed) return undefined;
  const inner = detect(parsed.bytes);
  const note = `Decoded from ${kind === "hex" ? "hex" : "base64"}: ${inner.label}, ${parsed.bytes.length} bytes.`;
  const shown = inner.kind === "json" ? prettyOf(parsed.bytes, inner) : undefined;
  if (shown !== undefined) return { ...shown, note };
  if (inner.text !== undefined && inner.kind !== "binary") return { text: inner.text, language: "text", note };
  return { text: toForm(parsed.bytes, "hex") ?? "", language: "text", note: `${note} Shown as hex.` };
}
