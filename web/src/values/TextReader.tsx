import { lazy, Suspense, useState } from "react";
import { sizeText } from "../store/bytes.ts";
import { Banner, Button, Spinner } from "../ui/index.ts";
import type { Language } from "./views.ts";

const Editor = lazy(() => import("./Editor.tsx"));

/** Above this a text opens plain: laying it out and highlighting it can take seconds. */
export const BIG_TEXT = 128 * 1024;
const PLAIN_TEXT = 32 * 1024;

interface TextReaderProps {
  readonly text: string;
  readonly language: Language;
  readonly label: string;
}

/** A text to read: in the editor's view, or its beginning in a plain one where it is big. */
export function TextReader({ text, language, label }: TextReaderProps) {
  const [whole, setWhole] = useState(false);
  if (text.length > BIG_TEXT && !whole) {
    return (
      <>
        <Banner
          actions={
            <Button small onClick={() => setWhole(true)}>
              Open all of it
            </Button>
          }
        >
          This is long ({sizeText(text.length)} of text): its first {sizeText(PLAIN_TEXT)} are shown.
        </Banner>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
        <section className="values-plain" aria-label={label} tabIndex={0}>
          {text.slice(0, PLAIN_TEXT)}
        </section>
      </>
    );
  }
  return (
    <Suspense fallback={<Spinner label="Loading the editor" />}>
      <Editor text={text} language={language} label={label} />
    </Suspense>
  );
}
