import { mapKey } from "../store/bytes.ts";
import { Badge, Banner, Button, KeyText } from "../ui/index.ts";
import type { KeyFate, Preview } from "./preview.ts";
import type { ReadProblem } from "./read.ts";

interface Props {
  readonly preview: Preview;
  readonly existing: "skip" | "overwrite";
  readonly onImport: () => void;
}

const TONES = { new: "success", changed: "warning", same: "neutral" } as const;

/** What an import would do, and the button that does it. */
export function ImportPreview({ preview, existing, onImport }: Props) {
  const { counts, conflicts, samples, found } = preview;
  const writes = counts.new + (existing === "overwrite" ? counts.changed : 0);
  return (
    <section className="stack" aria-label="Preview">
      <ul className="transfer-counts">
        <Count count={counts.new} label="new" note="will be made" />
        <Count
          count={counts.changed}
          label="changed"
          note={existing === "skip" ? "will be left" : "will be overwritten"}
        />
        <Count count={counts.same} label="same" note="nothing to do" />
        <Count count={conflicts.length} label="conflicts" note="twice in the file" />
      </ul>
      {conflicts.length > 0 && (
        <Banner tone="warning" title="The file has keys more than once, with values that differ">
          The last one of each wins:{" "}
          {conflicts.slice(0, 5).map((key) => (
            <span key={mapKey(key)}>
              <KeyText bytes={key} />{" "}
            </span>
          ))}
          {conflicts.length > 5 && `and ${conflicts.length - 5} more`}
        </Banner>
      )}
      <Problems problems={preview.problems} count={preview.problemCount} />
      {samples.length > 0 && (
        <section className="transfer-list" aria-label="Keys of the file">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">Now</th>
              </tr>
            </thead>
            <tbody>
              {samples.map(({ key, fate }) => (
                <SampleRow key={mapKey(key)} bytes={key} fate={fate} />
              ))}
            </tbody>
          </table>
          {found.size > samples.length && (
            <p className="muted transfer-more">
              Showing {samples.length} of {found.size.toLocaleString("en")} keys
            </p>
          )}
        </section>
      )}
      <div className="row">
        <Button tone="primary" disabled={writes === 0} onClick={onImport}>
          Import {writes.toLocaleString("en")} {writes === 1 ? "key" : "keys"}
        </Button>
        {writes === 0 && <span className="muted">Nothing would change.</span>}
      </div>
    </section>
  );
}

function SampleRow({ bytes, fate }: { readonly bytes: Uint8Array; readonly fate: KeyFate }) {
  return (
    <tr>
      <td className="transfer-key">
        <KeyText bytes={bytes} />
      </td>
      <td>
        <Badge tone={TONES[fate]}>{fate}</Badge>
      </td>
    </tr>
  );
}

function Count({ count, label, note }: { readonly count: number; readonly label: string; readonly note: string }) {
  return (
    <li>
      <strong>
        {count.toLocaleString("en")} {label}
      </strong>
      <span className="muted">{note}</span>
    </li>
  );
}

function Problems({ problems, count }: { readonly problems: readonly ReadProblem[]; readonly count: number }) {
  if (count === 0) return null;
  return (
    <Banner
      tone="warning"
      title={`${count.toLocaleString("en")} ${count === 1 ? "entry" : "entries"} could not be read`}
    >
      <ul className="transfer-problems">
        {problems.slice(0, 10).map(({ at, message }) => (
          <li key={at}>
            {at}: {message}
          </li>
        ))}
      </ul>
      They are left out.
    </Banner>
  );
}
