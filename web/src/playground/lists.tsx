import { type Event, Event_EventType, type KeyValue } from "../../../src/gen/mvccpb/kv_pb.ts";
import { toDisplay } from "../store/bytes.ts";
import { Badge, KeyText } from "../ui/display.tsx";

const SHOWN_BYTES = 120;

interface KeysListProps {
  readonly kvs: readonly KeyValue[];
  /** A press on a key. */
  readonly onKey: (key: Uint8Array) => void;
}

/** Every key with its value, as they are now. */
export function KeysList({ kvs, onKey }: KeysListProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: no landmark, as there are as many as elements on the page
    <div role="group" className="playground-keys" aria-label="Keys">
      <h3>
        Keys <span className="muted">{kvs.length}</span>
      </h3>
      {kvs.length === 0 && <p className="muted">None yet: put one.</p>}
      <ul>
        {kvs.map(({ key, value, version }) => (
          <li key={key.toString()}>
            <button type="button" className="playground-key" onClick={() => onKey(key)}>
              <KeyText bytes={key} />
            </button>
            <span className="playground-value">
              <span className="mono">{shortText(value)}</span>
              <span className="muted" title="Version">
                v{version.toString()}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface EventsListProps {
  readonly prefix: string;
  readonly events: readonly Event[];
}

/** What happened to the keys with a prefix, the newest first. */
export function EventsList({ prefix, events }: EventsListProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: no landmark, as there are as many as elements on the page
    <div role="group" className="playground-events" aria-label="Watch">
      <h3>
        Watch <code>{prefix === "" ? "every key" : prefix}</code>
      </h3>
      {events.length === 0 && <p className="muted">Nothing has changed yet.</p>}
      <ol aria-live="polite">
        {events.map(({ type, kv }) => (
          <li key={`${kv?.modRevision} ${kv?.key}`}>
            <Badge tone={type === Event_EventType.DELETE ? "danger" : "success"}>
              {type === Event_EventType.DELETE ? "DELETE" : "PUT"}
            </Badge>
            {kv !== undefined && <KeyText bytes={kv.key} />}
            <span className="mono muted">{kv === undefined ? "" : shortText(kv.value)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function shortText(value: Uint8Array): string {
  return value.length <= SHOWN_BYTES ? toDisplay(value) : `${toDisplay(value.subarray(0, SHOWN_BYTES))}…`;
}
