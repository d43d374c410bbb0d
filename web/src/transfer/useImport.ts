import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { fromDisplay } from "../store/bytes.ts";
import { type ImportReport, runImport } from "./import.ts";
import { type Preview, previewImport } from "./preview.ts";
import { detectFormat, readRecords } from "./read.ts";
import { type Task, useTask } from "./task.ts";

export interface Chosen {
  readonly file: File;
  readonly format: Exclude<ReturnType<typeof detectFormat>, undefined>;
}

export interface ImportFields {
  /** Display form of the prefix to replace, and of what takes its place. */
  readonly from: string;
  readonly to: string;
  readonly existing: "skip" | "overwrite";
}

export interface Import {
  readonly fields: ImportFields;
  readonly change: (next: Partial<ImportFields>) => void;
  readonly chosen: Chosen | undefined;
  /** Why a file was not taken. */
  readonly refused: string | undefined;
  readonly choose: (file: File) => Promise<void>;
  readonly preview: Task<Preview>;
  /** What the file would do; undefined until that is known. */
  readonly shown: Preview | undefined;
  readonly previewAgain: () => void;
  readonly write: Task<ImportReport>;
  readonly start: () => void;
}

/** A file on its way into the store: chosen, previewed, written. */
export function useImport(): Import {
  const { clients } = useConnection();
  const [chosen, setChosen] = useState<Chosen>();
  const [refused, setRefused] = useState<string>();
  const [fields, setFields] = useState<ImportFields>({ from: "", to: "", existing: "skip" });
  const preview = useTask<Preview>();
  const write = useTask<ImportReport>();
  const target = { from: fromDisplay(fields.from), to: fromDisplay(fields.to) };
  const look = ({ file, format }: Chosen): void => {
    write.reset();
    void preview.run((report, signal) =>
      previewImport(clients, readRecords(file, format), target, (done) => report(done), signal),
    );
  };
  const choose = async (file: File): Promise<void> => {
    const format = detectFormat(file.name, await file.slice(0, HEAD_BYTES).text());
    preview.reset();
    write.reset();
    setRefused(format === undefined ? refusal(file.name) : undefined);
    setChosen(format === undefined ? undefined : { file, format });
    if (format !== undefined) look({ file, format });
  };
  const change = (next: Partial<ImportFields>): void => {
    setFields({ ...fields, ...next });
    write.reset();
    // Under other keys all is to be compared anew.
    if (next.existing === undefined) preview.reset();
  };
  const shown = preview.state.phase === "done" ? preview.state.result : undefined;
  const start = (): void => {
    if (shown === undefined || chosen === undefined) return;
    const items = readRecords(chosen.file, chosen.format);
    const options = { existing: fields.existing, target };
    void write.run((report, signal) => runImport(clients, items, shown, options, (done) => report(done), signal));
  };
  const previewAgain = (): void => chosen && look(chosen);
  return { fields, change, chosen, refused, choose, preview, shown, previewAgain, write, start };
}

const HEAD_BYTES = 65_536;

function refusal(name: string): string {
  if (/\.csv$/i.test(name)) return "A CSV of keys has no values. Export as JSON lines to import again.";
  if (/\.(db|snapshot|snap)$/i.test(name)) {
    return "This looks like an etcd snapshot: a store in this browser opens it whole, under “The whole store”.";
  }
  if (/\.etcdlite$/i.test(name)) return "This is the file of a whole store: open it under “The whole store”.";
  return `${name} is neither JSON lines, JSON nor an etcdctl put script.`;
}
