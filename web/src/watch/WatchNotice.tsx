import { useNow } from "../live/index.ts";
import { Banner, Button, useCell } from "../ui/index.ts";
import type { WatchSession } from "./watchsession.ts";
import { countText } from "./words.ts";

/** What stands between a watch and its events, and what to do about it. */
export function WatchNotice({ session }: { readonly session: WatchSession }) {
  const { phase, error, compactRevision } = useCell(session.watch.state);
  const isPaused = useCell(session.paused);
  const { position } = session.watch;
  const fromNow = <Button onClick={() => session.restart()}>Watch from now</Button>;
  if (phase === "compacted") {
    const oldest =
      compactRevision > 0 ? (
        <Button tone="primary" onClick={() => session.restart(compactRevision)}>
          Watch from revision {compactRevision}
        </Button>
      ) : undefined;
    return (
      <Banner
        tone="warning"
        title={`Revision ${position} is compacted`}
        actions={
          <>
            {oldest}
            {fromNow}
          </>
        }
      >
        {compactRevision > 0
          ? `Changes from revision ${position} to ${compactRevision - 1} are gone from the store: no watch can show them.`
          : "The changes asked for are gone from the store: no watch can show them."}
      </Banner>
    );
  }
  if (phase === "rewound") {
    return (
      <Banner tone="warning" title="The store was replaced" actions={fromNow}>
        The server is at an earlier revision than before, or is another one: what came before does not lead to what it
        holds now.
      </Banner>
    );
  }
  if (phase === "failed") {
    return (
      <Banner
        tone="danger"
        title="The watch ended"
        actions={<Button onClick={() => session.watch.start()}>Retry</Button>}
      >
        {error?.rawMessage}
      </Banner>
    );
  }
  if (phase === "reconnecting") {
    return (
      <Banner title="Reconnecting">
        {error?.rawMessage}.{position > 0 && ` It goes on at revision ${position}: nothing is left out.`}
      </Banner>
    );
  }
  return isPaused ? <FullBuffer session={session} /> : null;
}

/** Told only once it is so: a pause within the buffer needs no words. */
function FullBuffer({ session }: { readonly session: WatchSession }) {
  useNow();
  if (!session.isHeldFull) return null;
  return (
    <Banner title={`${countText(session.heldCount)} events are waiting: the buffer is full`}>
      The stream is closed. Resume reads on at revision {session.watch.position}: nothing is left out, unless that
      revision is compacted before.
    </Banner>
  );
}
