import { type MouseEvent, memo, useEffect, useLayoutEffect, useRef } from "react";
import { useCell } from "../ui/index.ts";
import type { KeyLinks } from "./ConsoleView.tsx";
import type { Chunk, Line, Scrollback } from "./session/scrollback.ts";

const AT_THE_END_PX = 24;

interface OutputLogProps {
  readonly output: Scrollback;
  readonly links: KeyLinks;
  /** What is said where nothing was printed yet. */
  readonly empty: string;
  /** A press on it that selects nothing. */
  readonly onPoint: () => void;
}

/** The output, in chunks that the browser leaves out of its layout while they are out of sight. */
export function OutputLog({ output, links, empty, onPoint }: OutputLogProps) {
  const chunks = useCell(output.chunks);
  const element = useRef<HTMLDivElement>(null);
  const followsEnd = useRef(true);
  useEffect(() => output.flush(), [output]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolled when lines are there that were not
  useLayoutEffect(() => {
    const { current } = element;
    if (current !== null && followsEnd.current) current.scrollTop = current.scrollHeight;
  }, [chunks]);
  const scrolled = (): void => {
    const { current } = element;
    if (current === null) return;
    followsEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < AT_THE_END_PX;
  };
  const pressed = (): void => {
    if (getSelection()?.isCollapsed !== false && followsEnd.current) onPoint();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the prompt is reached by Tab; a click on the output is a shortcut to it
    <div
      ref={element}
      className="console-output"
      role="log"
      aria-label="Output"
      aria-live="polite"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keyboard too
      tabIndex={0}
      onScroll={scrolled}
      onClick={pressed}
    >
      {output.dropped > 0 && (
        <div className="console-line console-note">{output.dropped.toLocaleString()} earlier lines are gone.</div>
      )}
      {chunks.length === 0 && <div className="console-line console-note console-empty">{empty}</div>}
      {chunks.map((chunk) => (
        <ChunkOfLines key={chunk.id} chunk={chunk} links={links} />
      ))}
    </div>
  );
}

const ChunkOfLines = memo(function ChunkOfLines({ chunk, links }: { readonly chunk: Chunk; readonly links: KeyLinks }) {
  return (
    <div className="console-chunk">
      {chunk.lines.map((line) => (
        <OneLine key={line.id} line={line} links={links} />
      ))}
    </div>
  );
});

function OneLine({ line, links }: { readonly line: Line; readonly links: KeyLinks }) {
  return (
    <div className={`console-line console-line-${line.kind}${isTable(line) ? " console-line-table" : ""}`}>
      {line.segments.map(({ text, key }, at) =>
        key === undefined ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one line have no other identity
          <span key={at}>{text}</span>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one line have no other identity
          <KeyLink key={at} text={text} bytes={key} links={links} />
        ),
      )}
      {line.segments.length === 0 && <br />}
    </div>
  );
}

function isTable({ segments }: Line): boolean {
  return /^[┌│├└]/.test(segments[0]?.text ?? "");
}

interface KeyLinkProps {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly links: KeyLinks;
}

function KeyLink({ text, bytes, links }: KeyLinkProps) {
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    links.go(bytes);
  };
  const title = links.title?.(bytes);
  if (links.href === undefined) {
    return (
      <button type="button" className="console-key" title={title} onClick={follow}>
        {text}
      </button>
    );
  }
  return (
    <a className="console-key" href={links.href(bytes)} title={title} onClick={follow}>
      {text}
    </a>
  );
}
