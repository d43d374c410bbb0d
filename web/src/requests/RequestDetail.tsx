import type { DescMessage, Message } from "@bufbuild/protobuf";
import { X } from "lucide-react";
import { useMemo, useState } from "react";
import { useConnection } from "../app/context.ts";
import { snippetsOf } from "../snippets/index.ts";
import type { RequestEntry } from "../store/requestlog.ts";
import { CopyButton, IconButton, Tabs } from "../ui/index.ts";
import { durationText, jsonOf, statusText } from "./words.ts";

type Part = "request" | "response" | "copy";

/** One call: what was asked, what was answered, and how to send it oneself. */
export function RequestDetail({ entry, onClose }: { readonly entry: RequestEntry; readonly onClose: () => void }) {
  const [part, setPart] = useState<Part>("request");
  const { method, request, response, error, isStream, messages } = entry;
  const tabs = [
    { value: "request" as const, label: "Request" },
    { value: "response" as const, label: "Response" },
    { value: "copy" as const, label: "Copy as" },
  ];
  const close = (
    <IconButton small label="Close the call" onClick={onClose}>
      <X />
    </IconButton>
  );
  return (
    <aside className="requests-detail" aria-label={`Call of ${method}`}>
      <div className="requests-facts">
        <div className="mono">{method}</div>
        <div className="muted">
          {statusText(entry)} · {durationText(entry.durationMs)}
          {isStream && ` · ${messages} messages`}
        </div>
      </div>
      <Tabs label="Call" value={part} onChange={setPart} tabs={tabs} aside={close}>
        <div className="requests-part">
          {part === "request" && <Json schema={entry.input} message={request} why={whyNone(entry)} />}
          {part === "response" && error !== undefined && <p className="requests-error">{error.message}</p>}
          {part === "response" && isStream && response !== undefined && (
            <p className="muted">The last of {messages} messages:</p>
          )}
          {part === "response" && (response !== undefined || error === undefined) && (
            <Json schema={entry.output} message={response} why={whyNone(entry)} />
          )}
          {part === "copy" && <Snippets entry={entry} />}
        </div>
      </Tabs>
    </aside>
  );
}

function whyNone({ isForgotten, durationMs }: RequestEntry): string {
  if (isForgotten) return "No longer kept: newer calls took its room.";
  return durationMs === undefined ? "Nothing yet." : "There was none.";
}

interface JsonProps {
  readonly schema: DescMessage;
  readonly message: Message | undefined;
  readonly why: string;
}

function Json({ schema, message, why }: JsonProps) {
  const json = useMemo(() => (message === undefined ? undefined : jsonOf(schema, message)), [schema, message]);
  if (json === undefined) return <p className="muted">{why}</p>;
  return <Code label="JSON" text={json} />;
}

function Snippets({ entry: { method, request } }: { readonly entry: RequestEntry }) {
  const connection = useConnection();
  if (request === undefined) return <p className="muted">The request is no longer kept.</p>;
  return snippetsOf(connection, method, request).map(({ label, text }) => (
    <Code key={label} label={label} text={text} />
  ));
}

function Code({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div>
      <div className="row">
        <strong className="grow">{label}</strong>
        <CopyButton label={`Copy the ${label}`} text={text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <pre className="code-block" tabIndex={0}>
        {text}
      </pre>
    </div>
  );
}
