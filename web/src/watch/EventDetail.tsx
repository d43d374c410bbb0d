import { X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { go, linkTo } from "../app/route.ts";
import { sizeText } from "../store/bytes.ts";
import { CopyButton, IconButton, KeyText, Spinner, Tabs } from "../ui/index.ts";
import { ValueView } from "../values/index.ts";
import { clockText, type Row } from "./row.ts";

const ValueDiff = lazy(() => import("./ValueDiff.tsx"));

type Part = "diff" | "value" | "previous";

interface EventDetailProps {
  readonly row: Row;
  /** Whether the watch asks for the pair before each event. */
  readonly hasPrevious: boolean;
  readonly onClose: () => void;
}

const NO_BYTES = new Uint8Array();

/** One event: what it says of its key, its value, and what the value was before. */
export function EventDetail({ row, hasPrevious, onClose }: EventDetailProps) {
  const [part, setPart] = useState<Part>("diff");
  const { kv, previous, kind } = row;
  const value = kind === "deleted" ? NO_BYTES : kv.value;
  const tabs = [
    { value: "diff" as const, label: "Diff" },
    { value: "value" as const, label: "Value" },
    { value: "previous" as const, label: "Previous" },
  ];
  const close = (
    <IconButton small label="Close the event" onClick={onClose}>
      <X />
    </IconButton>
  );
  return (
    <aside className="watch-detail" aria-label={`Event at revision ${row.revision}`}>
      <EventFacts row={row} />
      <Tabs label="Event" value={part} onChange={setPart} tabs={tabs} aside={close}>
        <div className="watch-detail-value">
          {part === "diff" && (
            <Suspense fallback={<Spinner />}>
              <ValueDiff before={previous?.value ?? NO_BYTES} after={value} />
            </Suspense>
          )}
          {part === "value" &&
            (kind === "deleted" ? <NoValue text="A delete has no value." /> : <Bytes bytes={value} />)}
          {part === "previous" &&
            (previous === undefined ? (
              <NoValue text={whyNoPrevious(row, hasPrevious)} />
            ) : (
              <Bytes bytes={previous.value} />
            ))}
        </div>
      </Tabs>
    </aside>
  );
}

function whyNoPrevious({ kind }: Row, hasPrevious: boolean): string {
  if (kind === "created") return "The key was not there before.";
  return hasPrevious
    ? "The revision before is compacted."
    : "This watch does not ask for the previous value (prev_kv).";
}

function NoValue({ text }: { readonly text: string }) {
  return <p className="muted">{text}</p>;
}

function Bytes({ bytes }: { readonly bytes: Uint8Array }) {
  return (
    <div className="mono watch-value">
      <ValueView bytes={bytes} limitBytes={64 * 1024} />
    </div>
  );
}

function EventFacts({ row }: { readonly row: Row }) {
  const { kv, kind, receivedAtMs, revision } = row;
  const facts: string[] = [`${kind} at revision ${revision}`, clockText(receivedAtMs)];
  if (kind !== "deleted") {
    facts.push(`version ${kv.version}`, `created at ${kv.createRevision}`, sizeText(kv.value.length));
  }
  if (kv.lease !== 0n) facts.push(`lease ${kv.lease.toString(16)}`);
  return (
    <div className="watch-facts">
      <div className="row">
        <a
          className="watch-key"
          href={linkTo({ screen: "keys", key: kv.key })}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            go({ screen: "keys", key: kv.key, tab: "value" });
          }}
        >
          <KeyText bytes={kv.key} />
        </a>
        <CopyButton label="Copy the value" text={() => new TextDecoder().decode(kv.value)} />
      </div>
      <div className="muted">{facts.join(" · ")}</div>
    </div>
  );
}
