import { go, linkTo } from "../app/route.ts";
import { mapKey } from "../store/bytes.ts";
import { Banner, KeyText } from "../ui/index.ts";
import type { ImportReport } from "./import.ts";

interface Props {
  readonly report: ImportReport;
  /** The store's revision before the import. */
  readonly before: number;
}

/** What an import has done, what it could not do, and the way back. */
export function ImportReportView({ report, before }: Props) {
  const { written, skipped, failures, failureCount, cancelled } = report;
  const target = { screen: "keys" as const, revision: before, key: undefined };
  return (
    <section className="stack" aria-label="Result">
      <Banner
        tone={failureCount > 0 || cancelled ? "warning" : "success"}
        title={`${cancelled ? "Cancelled after" : "Imported"} ${written.toLocaleString("en")} ${written === 1 ? "key" : "keys"}`}
      >
        {skipped > 0 && `${skipped.toLocaleString("en")} left as they were. `}
        {failureCount > 0 && `${failureCount.toLocaleString("en")} failed. `}
        Before the import the store was at{" "}
        <a
          href={linkTo(target)}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            go(target);
          }}
        >
          revision {before}
        </a>
        : to undo, look at it there and restore it, for as long as that revision is not compacted.
      </Banner>
      {failures.length > 0 && (
        <ul className="transfer-problems" aria-label="Failures">
          {failures.map(({ key, message }) => (
            <li key={mapKey(key)}>
              <KeyText bytes={key} />: {message}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
