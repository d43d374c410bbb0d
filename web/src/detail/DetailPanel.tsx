import { KeyRound } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useAction } from "../app/actions.ts";
import { go, useRoute } from "../app/route.ts";
import { DeletionDialogs } from "../deletion/index.ts";
import { equalBytes, mapKey } from "../store/bytes.ts";
import { Button, EmptyState, Kbd, Spinner, useCell } from "../ui/index.ts";
import { anyDirty, drafts } from "./drafts.ts";

const KeyDetail = lazy(() => import("./KeyDetail.tsx"));
const NewKeyDialog = lazy(() => import("./NewKeyDialog.tsx"));

/** The key that the URL names, and making new ones. All but this frame is fetched when it is first needed. */
export function DetailPanel() {
  const { key: routeKey, revision, query } = useRoute();
  const key = useSameBytes(routeKey);
  const [isMaking, setMaking] = useState(false);
  const canWrite = revision === undefined;
  useAction({ id: "key.new", title: "New key", group: "Keys", shortcut: "n", run: () => setMaking(true) }, canWrite);
  useLeaveWarning();
  return (
    <>
      <Suspense fallback={<Spinner />}>
        {key === undefined ? (
          <NoKey onNew={canWrite ? () => setMaking(true) : undefined} />
        ) : (
          <KeyDetail key={`${mapKey(key)}@${revision}`} keyBytes={key} revision={revision} />
        )}
      </Suspense>
      <Suspense>
        {isMaking && (
          <NewKeyDialog
            prefix={key === undefined ? query : folderOf(key)}
            onClose={() => setMaking(false)}
            onMade={(made) => {
              setMaking(false);
              go({ key: made, tab: "value" });
            }}
          />
        )}
      </Suspense>
      <DeletionDialogs />
    </>
  );
}

/** The same array for as long as the bytes are the same: each change of the URL makes a new one. */
function useSameBytes(bytes: Uint8Array | undefined): Uint8Array | undefined {
  const held = useRef(bytes);
  const isSame = bytes !== undefined && held.current !== undefined && equalBytes(bytes, held.current);
  if (!isSame) held.current = bytes;
  return held.current;
}

const SLASH = 0x2f;

function folderOf(key: Uint8Array): Uint8Array {
  return key.subarray(0, key.lastIndexOf(SLASH) + 1);
}

function NoKey({ onNew }: { readonly onNew: (() => void) | undefined }) {
  return (
    <EmptyState
      icon={<KeyRound aria-hidden />}
      title="No key is open"
      actions={onNew !== undefined && <Button onClick={onNew}>New key</Button>}
    >
      Choose one from the list, or make one with <Kbd>N</Kbd>.
    </EmptyState>
  );
}

/** Drafts live in this page only: whoever leaves it is asked first. */
function useLeaveWarning(): void {
  const isDirty = anyDirty(useCell(drafts));
  useEffect(() => {
    if (!isDirty) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isDirty]);
}
