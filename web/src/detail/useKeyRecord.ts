import { ConnectError } from "@connectrpc/connect";
import { useCallback, useEffect, useRef, useState } from "react";
import { type Event, Event_EventType } from "../../../src/gen/mvccpb/kv_pb.ts";
import { useConnection } from "../app/context.ts";
import { type NotLiveReason, useLiveEvents } from "../live/index.ts";
import { useCell } from "../ui/index.ts";
import { type KeyRecord, recordOf } from "./record.ts";

export type KeyState =
  | { readonly phase: "loading" }
  | { readonly phase: "failed"; readonly error: ConnectError; readonly retry: () => void }
  /** @param record undefined where there is no such key, since `revision` or before */
  | { readonly phase: "ready"; readonly record: KeyRecord | undefined; readonly revision: number };

const NO_END = new Uint8Array();

export interface KeyReading {
  readonly state: KeyState;
  /** Reads again now: for whoever knows of something newer and goes on from it. */
  readonly refresh: () => Promise<void>;
  /** Undefined as long as changes reach it. */
  readonly notLive: NotLiveReason | undefined;
}

/** A key as it is, and stays current; or as it was at a revision. For one key only: mount anew for another. */
export function useKeyRecord(key: Uint8Array, revision: number | undefined): KeyReading {
  const { clients, status } = useConnection();
  const [state, setState] = useState<KeyState>({ phase: "loading" });
  const latest = useRef(state);
  latest.current = state;
  const reads = useRef(0);
  const read = useCallback(async () => {
    const id = ++reads.current;
    try {
      const { header, kvs } = await clients.kv.range({ key, revision: BigInt(revision ?? 0) });
      if (id !== reads.current) return;
      const record = kvs[0] === undefined ? undefined : recordOf(kvs[0]);
      setState((held) => later(held, { phase: "ready", record, revision: revision ?? Number(header?.revision ?? 0n) }));
    } catch (error) {
      if (id !== reads.current) return;
      setState({ phase: "failed", error: ConnectError.from(error), retry: () => void read() });
    }
  }, [clients, key, revision]);
  useEffect(() => {
    setState({ phase: "loading" });
    void read();
    return () => {
      reads.current++;
    };
  }, [read]);
  const { phase } = useCell(status);
  useEffect(() => {
    if (phase === "ready" && latest.current.phase === "failed") void read();
  }, [phase, read]);
  const notLive = useLiveEvents(revision === undefined ? { key, rangeEnd: NO_END } : undefined, (batch) => {
    const { current } = latest;
    if (batch.reload === "rewound") setState({ phase: "loading" });
    const isBehind = current.phase !== "ready" || current.revision < batch.revision;
    if (batch.reload !== undefined && (isBehind || batch.reload === "rewound")) void read();
    const last = batch.events.at(-1);
    if (last !== undefined) setState((held) => after(held, last));
  });
  return { state, refresh: read, notLive };
}

/** What was read, unless an event has told of something newer meanwhile. */
function later(held: KeyState, read: KeyState & { phase: "ready" }): KeyState {
  return held.phase === "ready" && held.revision > read.revision ? held : read;
}

function after(held: KeyState, { type, kv }: Event): KeyState {
  const revision = Number(kv?.modRevision ?? 0n);
  if (kv === undefined || (held.phase === "ready" && held.revision >= revision)) return held;
  return { phase: "ready", record: type === Event_EventType.DELETE ? undefined : recordOf(kv), revision };
}
