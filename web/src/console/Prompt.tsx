import { type ClipboardEvent, type KeyboardEvent, type Ref, useId, useImperativeHandle, useRef, useState } from "react";
import { useCell } from "../ui/index.ts";
import type { ConsoleClients } from "./commands/command.ts";
import { fromText } from "./language/gostring.ts";
import { complete } from "./session/complete.ts";
import type { History } from "./session/history.ts";
import { withoutPassword } from "./session/secrets.ts";
import type { Phase, Session } from "./session/session.ts";

export interface PromptHandle {
  focus(): void;
}

interface PromptProps {
  readonly session: Session;
  readonly history: History;
  readonly clients: ConsoleClients;
  readonly ref?: Ref<PromptHandle>;
}

const SIGNS: Record<Phase, string> = { command: "$", more: ">", input: ">", secret: ">", busy: "…" };
const HINTS: Record<Phase, string> = {
  command: "get / --prefix",
  more: "the rest of the command",
  input: "the command’s input; Ctrl+D ends it",
  secret: "the password, which is not shown",
  busy: "Ctrl+C ends the command",
};
const SHOWN_CANDIDATES = 100;

/** The line that is typed: history, completion, the keys of a terminal. */
export function Prompt({ session, history, clients, ref }: PromptProps) {
  const [line, setLine] = useState("");
  const { phase } = useCell(session.state);
  const input = useRef<HTMLInputElement>(null);
  const hintId = useId();
  useImperativeHandle(ref, () => ({ focus: () => input.current?.focus() }));
  const submit = (): void => {
    if (phase !== "input" && phase !== "secret" && !session.isSecret(line)) history.add(line);
    session.submit(line);
    setLine("");
  };
  const completeAtCursor = async (): Promise<void> => {
    const at = input.current?.selectionStart ?? line.length;
    const found = await complete(line.slice(0, at), clients).catch(() => undefined);
    if (found === undefined || input.current?.value !== line) return;
    setLine(found.text + line.slice(at));
    requestAnimationFrame(() => input.current?.setSelectionRange(found.text.length, found.text.length));
    if (found.candidates.length > 0 && found.text === line.slice(0, at)) showCandidates(session, found.candidates);
  };
  const keyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const handled = handleKey(event, { line, setLine, session, history, phase, completeAtCursor });
    if (handled) event.preventDefault();
  };
  const paste = (event: ClipboardEvent<HTMLInputElement>): void => {
    const text = event.clipboardData.getData("text");
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    const at = event.currentTarget.selectionStart ?? line.length;
    const end = event.currentTarget.selectionEnd ?? at;
    const lines = `${line.slice(0, at)}${text}${line.slice(end)}`.split(/\r\n?|\n/);
    const last = lines.pop() ?? "";
    if (!session.isSecret(lines.join("\n"))) for (const one of lines) history.add(one);
    session.submit(lines.join("\n"));
    setLine(last);
  };
  return (
    <form
      className="console-prompt"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <span className="console-sign" aria-hidden>
        {SIGNS[phase]}
      </span>
      <input
        ref={input}
        className="console-input"
        type={phase === "secret" ? "password" : "text"}
        aria-label="etcdctl command"
        aria-describedby={hintId}
        value={line}
        placeholder={HINTS[phase]}
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="send"
        onChange={(event) => setLine(event.target.value)}
        onKeyDown={keyDown}
        onPaste={paste}
      />
      <span id={hintId} className="visually-hidden">
        Tab completes what is typed, the up and down arrows go through earlier lines, Ctrl+C ends the command that runs.
      </span>
    </form>
  );
}

interface KeyContext {
  readonly line: string;
  readonly setLine: (line: string) => void;
  readonly session: Session;
  readonly history: History;
  readonly phase: Phase;
  readonly completeAtCursor: () => Promise<void>;
}

/** Whether the key was the console's. */
function handleKey(event: KeyboardEvent<HTMLInputElement>, context: KeyContext): boolean {
  const { line, setLine, session, history, phase } = context;
  const control = event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
  const { selectionStart, selectionEnd } = event.currentTarget;
  switch (control ? `ctrl+${event.key}` : event.key) {
    case "ArrowUp":
      setLine(history.older(line));
      return true;
    case "ArrowDown":
      setLine(history.newer(line));
      return true;
    case "Tab":
      // An empty line, and Shift, leave the field as they do everywhere.
      if (event.shiftKey || line.trim() === "" || phase === "input" || phase === "secret") return false;
      void context.completeAtCursor();
      return true;
    case "ctrl+c":
      // What is selected is to be copied.
      if (selectionStart !== selectionEnd || getSelection()?.isCollapsed === false) return false;
      if (line !== "" && phase === "command") session.output.write("input", `$ ${fromText(withoutPassword(line))}\n`);
      setLine("");
      session.cancel();
      return true;
    case "ctrl+d":
      if (line === "") session.endInput();
      return line === "";
    case "ctrl+l":
      session.output.clear();
      return true;
    case "Escape":
      if (line === "" || phase !== "command") return false;
      setLine("");
      return true;
    default:
      return false;
  }
}

function showCandidates(session: Session, candidates: readonly string[]): void {
  const shown = candidates.slice(0, SHOWN_CANDIDATES);
  const rest = candidates.length - shown.length;
  session.output.write("note", fromText(`${shown.join("  ")}${rest > 0 ? `  … and ${rest} more` : ""}\n`));
}
