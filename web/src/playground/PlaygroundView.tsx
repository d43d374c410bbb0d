import { RotateCcw } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { ConsoleView, type KeyLinks } from "../console/ConsoleView.tsx";
import { fromBytes } from "../console/language/gostring.ts";
import { shellWord } from "../console/language/shellword.ts";
import { History } from "../console/session/history.ts";
import { Button } from "../ui/button.tsx";
import { useCell } from "../ui/cell.ts";
import { Spinner } from "../ui/display.tsx";
import type { Content } from "./content.ts";
import { EventsList, KeysList } from "./lists.tsx";
import { openPlayground, type Playground } from "./store.ts";

/** Opens a store for as long as it is shown; anew on Reset. */
export function PlaygroundView({ content }: { readonly content: Content }) {
  const [round, setRound] = useState(0);
  const [opened, setOpened] = useState<{ readonly round: number; readonly playground: Playground }>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    let left = false;
    let playground: Playground | undefined;
    openPlayground(content).then(
      (next) => {
        playground = next;
        if (left) next.close();
        else setOpened({ round, playground: next });
      },
      (cause: unknown) => setError(`${String(cause)}. A page's Content-Security-Policy has to allow worker-src blob:.`),
    );
    return () => {
      left = true;
      playground?.close();
    };
  }, [content, round]);
  if (error !== undefined) return <p className="playground-error">{error}</p>;
  if (opened?.round !== round) return <Spinner label="Starting an etcd in this page" />;
  return (
    <Ready key={round} content={content} playground={opened.playground} onReset={() => setRound((held) => held + 1)} />
  );
}

interface ReadyProps {
  readonly content: Content;
  readonly playground: Playground;
  readonly onReset: () => void;
}

function Ready({ content, playground, onReset }: ReadyProps) {
  const { session, keys, clients } = playground;
  const { kvs, events } = useCell(keys.state);
  const [history] = useState(() => new History(undefined));
  const links = useMemo<KeyLinks>(() => {
    const get = (key: Uint8Array): string => `get ${shellWord(fromBytes(key))}`;
    return { title: get, go: (key) => session.submit(get(key)) };
  }, [session]);
  return (
    <div className="playground">
      <Commands content={content} playground={playground} onReset={onReset} />
      <div className={content.watch === undefined ? "playground-body" : "playground-body playground-watched"}>
        <KeysList kvs={kvs} onKey={links.go} />
        <ConsoleView
          session={session}
          history={history}
          clients={clients}
          links={links}
          tips={false}
          isReadOnly={content.isReadOnly}
        />
        {content.watch !== undefined && <EventsList prefix={content.watch} events={events} />}
      </div>
    </div>
  );
}

/** The lines that are offered, and which of them were run. */
function Commands({ content, playground, onReset }: ReadyProps) {
  const [done, setDone] = useState<ReadonlySet<number>>(new Set());
  const next = content.commands.findIndex((_line, at) => !done.has(at));
  const run = (line: string, at: number): void => {
    playground.session.submit(line);
    setDone((held) => new Set([...held, at]));
  };
  return (
    <div className="playground-commands">
      <ol aria-label="Commands to run">
        {content.commands.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same command may be offered twice
          <li key={at}>
            <Button small className={at === next ? "playground-next" : ""} onClick={() => run(line, at)}>
              <span aria-hidden>{done.has(at) ? "✓" : at + 1}</span>
              <span className="visually-hidden">Run</span>
              <code>{line}</code>
              <span className="visually-hidden">{done.has(at) ? "(done)" : at === next ? "(next)" : ""}</span>
            </Button>
          </li>
        ))}
      </ol>
      <Button small tone="quiet" icon={<RotateCcw />} onClick={onReset}>
        Reset
      </Button>
    </div>
  );
}
