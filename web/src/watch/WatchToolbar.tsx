import { Download, Eraser, Pause, Play } from "lucide-react";
import { useConnection } from "../app/context.ts";
import { snippetsOf } from "../snippets/index.ts";
import { Button, CopyButton, IconButton, useCell } from "../ui/index.ts";
import { exportFileName, jsonLines } from "./exports.ts";
import { requestOf } from "./spec.ts";
import type { WatchSession } from "./watchsession.ts";

/** What can be done with a watch. */
export function WatchToolbar({ session }: { readonly session: WatchSession }) {
  const isPaused = useCell(session.paused);
  const connection = useConnection();
  const command = (): string =>
    snippetsOf(connection, "etcdlite.v1.Watch/Watch", requestOf(session.spec))[0]?.text ?? "";
  return (
    <div className="row watch-tools" role="toolbar" aria-label="Watch">
      <Button
        small
        icon={isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
        onClick={() => (isPaused ? session.resume() : session.pause())}
      >
        {isPaused ? "Resume" : "Pause"}
      </Button>
      <IconButton label="Clear the list" onClick={() => session.clear()}>
        <Eraser />
      </IconButton>
      <IconButton label="Export the shown events as JSON lines" onClick={() => download(session)}>
        <Download />
      </IconButton>
      <CopyButton label="Copy as etcdctl" text={command} />
    </div>
  );
}

function download(session: WatchSession): void {
  const url = URL.createObjectURL(new Blob(jsonLines(session.shown), { type: "application/jsonl" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = exportFileName(new Date());
  link.click();
  // The click is followed after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
