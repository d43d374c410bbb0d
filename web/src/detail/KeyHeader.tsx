import { ArrowLeft, Copy, Ellipsis, Eye, History, Pencil, TextCursorInput, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { shortcutKeys } from "../app/actions.ts";
import { go } from "../app/route.ts";
import { sizeText, toDisplay } from "../store/bytes.ts";
import { Badge, Button, CopyButton, IconButton, KeyText, Menu } from "../ui/index.ts";
import { LeaseInfo } from "./LeaseInfo.tsx";
import type { KeyRecord } from "./record.ts";
import type { KeyActions } from "./useKeyActions.ts";
import type { KeyState } from "./useKeyRecord.ts";

interface KeyHeaderProps {
  readonly keyBytes: Uint8Array;
  readonly state: KeyState;
  readonly revision: number | undefined;
  readonly actions: KeyActions;
}

/** The key's name, what can be done with it, and what etcd knows of it. */
export function KeyHeader({ keyBytes, state, revision, actions }: KeyHeaderProps) {
  const record = state.phase === "ready" ? state.record : undefined;
  return (
    <header className="detail-head">
      <div className="detail-title">
        <span className="detail-back">
          <IconButton label="Back to the keys" onClick={() => go({ key: undefined })}>
            <ArrowLeft />
          </IconButton>
        </span>
        <h2>
          <KeyText bytes={keyBytes} wraps />
        </h2>
        <CopyButton label="Copy key" text={() => toDisplay(keyBytes)} />
        <span className="grow" />
        <HeaderButtons actions={actions} />
      </div>
      {record !== undefined && <Facts record={record} isPast={revision !== undefined} />}
    </header>
  );
}

function HeaderButtons({ actions }: { readonly actions: KeyActions }) {
  const { edit, remove, rename, clone, restore, watch, showHistory } = actions;
  return (
    <>
      {restore !== undefined && (
        <Button small tone="primary" onClick={restore}>
          Restore this version
        </Button>
      )}
      {edit !== undefined && (
        <Button small icon={<Pencil aria-hidden />} onClick={edit}>
          Edit
        </Button>
      )}
      {remove !== undefined && (
        <IconButton label="Delete the key" onClick={remove}>
          <Trash2 />
        </IconButton>
      )}
      <Menu
        trigger={
          <IconButton label="More for this key" tip={false}>
            <Ellipsis />
          </IconButton>
        }
        items={[
          { label: "History", icon: <History />, shortcut: shortcutKeys("h"), onSelect: showHistory },
          { label: "Watch", icon: <Eye />, shortcut: shortcutKeys("w"), onSelect: watch },
          "separator",
          item("Rename…", <TextCursorInput />, rename),
          item("Clone…", <Copy />, clone),
        ]}
      />
    </>
  );
}

function item(label: string, icon: ReactNode, run: (() => void) | undefined) {
  // After the menu has given the focus back, or it would take it from the dialog.
  return { label, icon, disabled: run === undefined, onSelect: () => setTimeout(() => run?.(), 0) };
}

function Facts({ record, isPast }: { readonly record: KeyRecord; readonly isPast: boolean }) {
  const { createRevision, modRevision, version, lease, value } = record;
  return (
    <dl className="detail-facts">
      <Fact name="Mod revision">{modRevision.toLocaleString("en")}</Fact>
      <Fact name="Create revision">{createRevision.toLocaleString("en")}</Fact>
      <Fact name="Version">{version.toLocaleString("en")}</Fact>
      <Fact name="Size">
        <span title={`${value.length.toLocaleString("en")} bytes`}>{sizeText(value.length)}</span>
      </Fact>
      <Fact name="Lease">{lease === 0n ? <span className="muted">none</span> : <LeaseInfo lease={lease} />}</Fact>
      {isPast && (
        <Fact name="State">
          <Badge tone="info">As it was</Badge>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
