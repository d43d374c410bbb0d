import { Button } from "../ui/index.ts";

interface Props {
  readonly label: string;
  readonly done: number;
  readonly total: number | undefined;
  readonly onCancel: () => void;
}

/** How far something long has come. */
export function ProgressRow({ label, done, total, onCancel }: Props) {
  const text =
    total === undefined ? done.toLocaleString("en") : `${done.toLocaleString("en")} of ${total.toLocaleString("en")}`;
  return (
    <div className="transfer-progress">
      <progress aria-label={label} max={total ?? undefined} value={total === undefined ? undefined : done} />
      <span className="muted" aria-live="polite">
        {label}: {text} keys
      </span>
      <Button small onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
