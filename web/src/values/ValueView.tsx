import { useMemo } from "react";
import { sizeText } from "../store/bytes.ts";
import { preview } from "./preview.ts";
import "./values.css";

const DEFAULT_LIMIT = 4096;

interface ValueViewProps {
  readonly bytes: Uint8Array;
  /** Bytes of it that are shown at most; the rest is counted. */
  readonly limitBytes?: number;
}

/** A value in small: its text, or hex where it is none. For events, history and lists; never more than its beginning. */
export function ValueView({ bytes, limitBytes = DEFAULT_LIMIT }: ValueViewProps) {
  const shown = useMemo(() => preview(bytes, limitBytes), [bytes, limitBytes]);
  if (bytes.length === 0) return <span className="values-empty">(empty value)</span>;
  return (
    <span className="values-small">
      {shown.hex && <span className="values-small-kind">hex </span>}
      {shown.text}
      {shown.leftBytes > 0 && <span className="values-empty"> … {sizeText(shown.leftBytes)} more</span>}
    </span>
  );
}
