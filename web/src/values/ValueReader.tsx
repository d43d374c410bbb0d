import { lazy, Suspense, useMemo } from "react";
import { Banner, EmptyState, Spinner } from "../ui/index.ts";
import type { Detection } from "./detect.ts";
import { TextReader } from "./TextReader.tsx";
import { shownAs, type View } from "./views.ts";
import "./values.css";

const HexView = lazy(() => import("./HexView.tsx"));
const ProtobufView = lazy(() => import("./ProtobufView.tsx"));

interface ValueReaderProps {
  readonly bytes: Uint8Array;
  readonly detection: Detection;
  readonly view: View;
  /** Whose message type is remembered: a key's mapKey. */
  readonly scope: string;
}

/** A whole value, read-only, in the view that the reader chose. */
export function ValueReader({ bytes, detection, view, scope }: ValueReaderProps) {
  const shown = useMemo(
    () => (view === "hex" || view === "protobuf" ? undefined : shownAs(bytes, detection, view)),
    [bytes, detection, view],
  );
  if (bytes.length === 0)
    return <EmptyState title="The value is empty">The key is there; its value has 0 bytes.</EmptyState>;
  if (shown !== undefined) {
    return (
      <>
        {shown.note !== undefined && <p className="values-note">{shown.note}</p>}
        <TextReader text={shown.text} language={shown.language} label="Value" />
      </>
    );
  }
  return (
    <Suspense fallback={<Spinner />}>
      {view === "protobuf" ? (
        <ProtobufView bytes={bytes} scope={scope} />
      ) : view === "hex" ? (
        <HexView bytes={bytes} label="Value as a hex dump" />
      ) : (
        <Banner tone="warning">The value cannot be shown in this way; its hex dump shows every byte.</Banner>
      )}
    </Suspense>
  );
}
