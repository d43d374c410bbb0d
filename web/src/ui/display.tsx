import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { toDisplay } from "../store/bytes.ts";

type Tone = "neutral" | "info" | "success" | "warning" | "danger";

export function Badge({ tone = "neutral", children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}

interface BannerProps {
  readonly tone?: Tone;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** A state of things that stays until it changes. Errors and warnings are announced. */
export function Banner({ tone = "info", title, children, actions }: BannerProps) {
  const Icon = tone === "danger" ? CircleAlert : tone === "warning" ? TriangleAlert : Info;
  return (
    <div className={`banner banner-${tone}`} role={tone === "danger" || tone === "warning" ? "alert" : "status"}>
      <Icon aria-hidden />
      <div className="banner-text">
        {title !== undefined && <strong>{title}</strong>}
        {children !== undefined && <div>{children}</div>}
      </div>
      {actions !== undefined && <div className="banner-actions">{actions}</div>}
    </div>
  );
}

interface EmptyStateProps {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Nothing is here yet: why, and what to do next. */
export function EmptyState({ icon, title, children, actions }: EmptyStateProps) {
  return (
    <div className="empty">
      {icon}
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div className="empty-actions">{actions}</div>}
    </div>
  );
}

export function Kbd({ children }: { readonly children: ReactNode }) {
  return <kbd className="kbd">{children}</kbd>;
}

interface KeyTextProps {
  readonly bytes: Uint8Array;
  readonly from?: number;
  /** Where it needs several lines they end after a slash, if they can. */
  readonly wraps?: boolean;
}

/** A key as text; bytes that are no text stand out. */
export function KeyText({ bytes, from = 0, wraps = false }: KeyTextProps) {
  const parts = toDisplay(bytes.subarray(from)).split(/(\\x[0-9a-f]{2}|\\\\)/);
  return (
    <span className="key-text">
      {parts.length === 1 && parts[0] === "" ? <span className="key-empty">(empty)</span> : null}
      {parts.map((part, at) =>
        at % 2 === 0 ? (
          wraps ? (
            withBreaks(part)
          ) : (
            part
          )
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text have no other identity
          <span key={at} className="key-escape">
            {part}
          </span>
        ),
      )}
    </span>
  );
}

function withBreaks(text: string): ReactNode {
  return text.split(/(?<=\/)/).map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text have no other identity
    <Fragment key={at}>
      {part}
      <wbr />
    </Fragment>
  ));
}

export function Spinner({ label = "Loading" }: { readonly label?: string }) {
  return (
    <span className="spinner" role="status">
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

/** The heading of a table's last column, of buttons: only those who cannot see them are told what it is. */
export function ActionsHeading() {
  return (
    <th scope="col">
      <span className="visually-hidden">Actions</span>
    </th>
  );
}
