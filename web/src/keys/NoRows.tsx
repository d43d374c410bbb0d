import { Code, ConnectError } from "@connectrpc/connect";
import { KeyRound, SearchX } from "lucide-react";
import { lazy, Suspense, useEffect } from "react";
import { actions } from "../app/actions.ts";
import { useConnection } from "../app/context.ts";
import { go, useRoute } from "../app/route.ts";
import { oldestOf, refreshOldest, travelTo } from "../travel/index.ts";
import { Button, EmptyState, Kbd, KeyText, Spinner, useCell } from "../ui/index.ts";
import type { KeyTree } from "./model/keytree.ts";

const PermittedKeys = lazy(() => import("../users/PermittedKeys.tsx"));

interface NoRowsProps {
  readonly tree: KeyTree;
  readonly filter: string;
  readonly onClearFilter: () => void;
}

/** In place of rows: why there are none, and what to do next. */
export function NoRows({ tree, filter, onClearFilter }: NoRowsProps) {
  const { query, revision } = useRoute();
  if (tree.root.moreState === "failed") return <Failed tree={tree} error={ConnectError.from(tree.root.moreError)} />;
  if (tree.isStarting) return <EmptyState icon={<Spinner label="Loading the keys" />} title="Loading the keys…" />;
  if (filter !== "") {
    return (
      <EmptyState
        icon={<SearchX aria-hidden />}
        title="Nothing that is loaded has this in its name"
        actions={<Button onClick={onClearFilter}>Clear the filter</Button>}
      >
        The filter looks through what is loaded only; a prefix is looked for in the whole store.
      </EmptyState>
    );
  }
  if (query.length > 0) {
    return (
      <EmptyState
        icon={<SearchX aria-hidden />}
        title="No key begins with this"
        actions={<Button onClick={() => go({ query: new Uint8Array() })}>Show every key</Button>}
      >
        <KeyText bytes={query} />
      </EmptyState>
    );
  }
  if (revision !== undefined) {
    return (
      <EmptyState icon={<KeyRound aria-hidden />} title={`There were no keys at revision ${revision}`}>
        Go to a later one by <Kbd>]</Kbd>.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<KeyRound aria-hidden />}
      title="The store is empty"
      actions={
        <>
          <Button tone="primary" onClick={() => actions.value.findLast(({ id }) => id === "key.new")?.run()}>
            New key
          </Button>
          <Button onClick={() => go({ screen: "transfer" })}>Import</Button>
        </>
      }
    >
      Keys appear here as soon as there are any, whoever puts them.
    </EmptyState>
  );
}

function Failed({ tree, error }: { readonly tree: KeyTree; readonly error: ConnectError }) {
  const connection = useConnection();
  const { revision } = useRoute();
  const oldest = useCell(oldestOf(connection));
  const isCompacted = error.code === Code.OutOfRange && revision !== undefined;
  useEffect(() => {
    if (isCompacted) void refreshOldest(connection);
  }, [connection, isCompacted]);
  if (isCompacted) {
    const isGone = revision < oldest;
    return (
      <EmptyState
        title={isGone ? `Compacted below ${oldest}` : `Revision ${revision} cannot be read`}
        actions={
          <>
            {isGone && <Button onClick={() => travelTo(oldest)}>Go to revision {oldest}</Button>}
            <Button onClick={() => travelTo(undefined)}>Back to now</Button>
          </>
        }
      >
        {isGone ? `What the keys were at revision ${revision} is gone.` : error.rawMessage}
      </EmptyState>
    );
  }
  const retry = (): void => tree.retry(tree.root);
  if (error.code === Code.PermissionDenied) {
    return (
      <Suspense fallback={<EmptyState icon={<Spinner />} title="Reading what is permitted…" />}>
        <PermittedKeys error={error} onRetry={retry} />
      </Suspense>
    );
  }
  return (
    <EmptyState title="The keys could not be listed" actions={<Button onClick={retry}>Try again</Button>}>
      {error.rawMessage}
    </EmptyState>
  );
}
