import { Button } from "../ui/index.ts";

interface Props {
  readonly label: string;
  readonly done: number;
  readonly total: number | undefined;
  /** What both count, where it is not keys. */
  readonly inWords?: (count: number) => string;
  readonly onCancel: () => void;
}

/** How far something long has come. */
export function ProgressRow({ label, done, total, inWords, onCancel }: Props) {
  const words = inWords ?? ((count) => count.toLocaleString("en"));
  const text = total === undefined ? words(done) : `${words(done)} of ${words(total)}`;
  return (
    <div className="transfer-progress">
      <progress aria-label={label} max={total ?? undefined} value={total === undefined ? undefined : done} />
      <span className="muted" aria-live="polite">
        {label}: {text}
        {inWords === undefined && " keys"}
      </span>
      <Button small onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
