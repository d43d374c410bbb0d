import { ConnectError } from "@connectrpc/connect";
import { useState } from "react";
import { go } from "../app/route.ts";
import { toast } from "../app/toasts.ts";
import { prefixRange, utf8 } from "../store/bytes.ts";
import type { Connection } from "../store/connection.ts";
import { useWatches } from "../watch/index.ts";
import { type HelloPut, putHello, undoHello } from "./hello.ts";
import { HELLO_KEY } from "./sample.ts";

interface Step {
  readonly title: string;
  readonly note: string;
  readonly done: boolean;
  readonly ready: boolean;
  readonly run: () => Promise<void>;
}

/** The three clicks of the tour. */
export function useTourSteps({ clients }: Connection): Step[] {
  const watches = useWatches();
  const [put, setPut] = useState<HelloPut>();
  const [watched, setWatched] = useState(false);
  const [undone, setUndone] = useState(false);
  const failed = (error: unknown): void => {
    toast({ tone: "danger", title: "That did not work", detail: ConnectError.from(error).rawMessage });
  };
  const putStep = async (): Promise<void> => {
    const done = await putHello(clients);
    setPut(done);
    setUndone(false);
    go({ screen: "keys", key: HELLO_KEY, tab: "value", revision: undefined });
    toast({ tone: "success", title: "Put /demo/hello", detail: `The store is at revision ${done.revision}` });
  };
  const watchStep = async (): Promise<void> => {
    // From the put on: a watch can begin in the past.
    const fromRevision = put?.revision;
    watches.add({ ...prefixRange(utf8("/demo/")), ...(fromRevision === undefined ? {} : { fromRevision }) });
    go({ dock: "watch" });
    setWatched(true);
  };
  const undoStep = async (): Promise<void> => {
    if (put === undefined) return;
    const succeeded = await undoHello(clients, put);
    setPut(undefined);
    setUndone(succeeded);
    toast(
      succeeded
        ? { tone: "success", title: "Undone: /demo/hello is as it was", detail: "Its history still has both." }
        : { title: "Left alone: /demo/hello was changed since", detail: "An undo never overwrites what is newer." },
    );
  };
  const guarded = (step: () => Promise<void>) => () => step().catch(failed);
  return [
    {
      ...{ title: "Put a key", note: "A new revision of the whole store" },
      ...{ done: put !== undefined || undone, ready: true, run: guarded(putStep) },
    },
    {
      ...{ title: "Watch it", note: "Every change, from any revision on" },
      ...{ done: watched, ready: true, run: guarded(watchStep) },
    },
    {
      ...{ title: "Undo it", note: "By a txn that only runs if nobody was faster" },
      ...{ done: undone, ready: put !== undefined, run: guarded(undoStep) },
    },
  ];
}
