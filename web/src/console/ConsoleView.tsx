import { Eraser, Square } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { CopyButton, IconButton, useCell } from "../ui/index.ts";
import type { ConsoleClients } from "./commands/command.ts";
import { OutputLog } from "./OutputLog.tsx";
import { Prompt, type PromptHandle } from "./Prompt.tsx";
import type { History } from "./session/history.ts";
import type { Session } from "./session/session.ts";
import "./console.css";

/** What a key in the output leads to: somewhere that can be linked, or something that is done. */
export interface KeyLinks {
  readonly href?: (key: Uint8Array) => string;
  readonly title?: (key: Uint8Array) => string;
  readonly go: (key: Uint8Array) => void;
}

interface ConsoleViewProps {
  readonly session: Session;
  readonly history: History;
  readonly clients: ConsoleClients;
  readonly links: KeyLinks;
  readonly note?: string;
  /** Tooltips need the page's own. Default true. */
  readonly tips?: boolean;
  /** Nothing can be typed. */
  readonly isReadOnly?: boolean;
}

/** Output above, the line that is typed below. */
export function ConsoleView({ session, history, clients, links, note, tips = true, isReadOnly }: ConsoleViewProps) {
  const { phase, jobs } = useCell(session.state);
  const prompt = useRef<PromptHandle>(null);
  const isRunning = phase !== "command" && phase !== "more";
  const stop = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.key !== "Escape" || !isRunning) return;
    event.preventDefault();
    session.cancel();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc ends the command wherever in the console the focus is
    <div className="console" onKeyDown={stop}>
      <div className="console-tools">
        <IconButton
          small
          label="End the command (Ctrl+C)"
          disabled={!isRunning && jobs === 0}
          tip={tips}
          onClick={() => session.cancel()}
        >
          <Square />
        </IconButton>
        {tips && <CopyButton label="Copy output" text={() => session.output.text()} />}
        <IconButton small label="Clear the console" tip={tips} onClick={() => session.output.clear()}>
          <Eraser />
        </IconButton>
      </div>
      <OutputLog
        output={session.output}
        links={links}
        empty={isReadOnly ? "The commands above print here." : "etcdctl’s commands, on this store. “help” lists them."}
        onPoint={() => prompt.current?.focus()}
      />
      {note !== undefined && <p className="console-note">{note}</p>}
      {!isReadOnly && <Prompt ref={prompt} session={session} history={history} clients={clients} />}
    </div>
  );
}
