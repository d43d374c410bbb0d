import { useEffect, useMemo } from "react";
import { useConnection } from "../app/context.ts";
import { preferences } from "../app/preferences.ts";
import { useRoute } from "../app/route.ts";
import { type LiveBatch, type NotLiveReason, useLiveEvents } from "../live/index.ts";
import { fromDisplay, mapKey, prefixRange } from "../store/bytes.ts";
import { useCell } from "../ui/index.ts";
import { changeOf } from "./model/change.ts";
import { keySourceOf } from "./model/choose.ts";
import { KeyTree } from "./model/keytree.ts";

export interface LiveTree {
  readonly tree: KeyTree;
  /** Undefined as long as changes reach it. */
  readonly notLive: NotLiveReason | undefined;
}

/**
 * The keys under the route's prefix, at its revision, kept current where that is now.
 *
 * @param onDeleted told of keys that went
 */
export function useKeyTree(onDeleted: (keys: readonly Uint8Array[]) => void): LiveTree {
  const { clients, status } = useConnection();
  const { query, revision = 0, key } = useRoute();
  const { listMode, delimiter } = useCell(preferences);
  const prefixId = mapKey(query);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the prefix is what its bytes are, not their array
  const tree = useMemo(() => {
    const ends = fromDisplay(delimiter);
    const folders = listMode === "tree" && ends.length > 0;
    return new KeyTree({
      source: keySourceOf(clients),
      prefix: query,
      delimiter: folders ? ends : undefined,
      revision,
    });
  }, [clients, prefixId, listMode, delimiter, revision]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the key that the page was opened on is sought
  useEffect(() => {
    void tree.start().then(() => (key === undefined ? undefined : tree.reveal(key)));
    return () => tree.close();
  }, [tree]);
  const { phase } = useCell(status);
  useEffect(() => {
    if (phase === "ready" && tree.root.moreState === "failed") tree.retry(tree.root);
  }, [phase, tree]);
  const range = revision === 0 ? prefixRange(query) : undefined;
  const notLive = useLiveEvents(range, (batch) => onDeleted(follow(tree, batch)));
  useCell(tree.version);
  return { tree, notLive };
}

/** Returns the keys that went. */
function follow(tree: KeyTree, { events, revision, reload }: LiveBatch): Uint8Array[] {
  if (reload === "rewound") void tree.rewind();
  else if (reload !== undefined) tree.missed(revision);
  const changes = events.flatMap((event) => changeOf(event) ?? []);
  tree.apply(changes);
  return changes.filter(({ type }) => type === "delete").map(({ info }) => info.key);
}
