import { Command } from "cmdk";
import { useState } from "react";
import { fromDisplay } from "../store/bytes.ts";
import { Kbd, KeyText, useCell } from "../ui/index.ts";
import { type Action, actions, shortcutKeys } from "./actions.ts";
import { go } from "./route.ts";

/** Everything that can be done now, found by typing; what is typed can be a key to open, too. */
export default function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState("");
  const offered = byGroup(useCell(actions));
  const choose = (run: () => void): void => {
    onClose();
    // After the dialog has given the focus back, or it would take it from what the action opens.
    setTimeout(run, 0);
  };
  return (
    <Command.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label="Command palette"
      overlayClassName="overlay"
      contentClassName="dialog palette"
      loop
    >
      <Command.Input placeholder="Type a command, or a key to open…" value={text} onValueChange={setText} />
      <Command.List>
        <Command.Empty>No command is called that.</Command.Empty>
        {[...offered].map(([group, list]) => (
          <Command.Group key={group} heading={group}>
            {list.map((action) => (
              <Command.Item key={action.id} value={`${action.title} ${group}`} onSelect={() => choose(action.run)}>
                <span className="grow">{action.title}</span>
                {action.shortcut !== undefined &&
                  shortcutKeys(action.shortcut).map((key) => <Kbd key={key}>{key}</Kbd>)}
              </Command.Item>
            ))}
          </Command.Group>
        ))}
        {text !== "" && (
          <Command.Group heading="Key" forceMount>
            <Command.Item forceMount value={`open key ${text}`} onSelect={() => choose(() => openKey(text))}>
              Open the key&nbsp;
              <KeyText bytes={fromDisplay(text)} />
            </Command.Item>
            <Command.Item forceMount value={`list prefix ${text}`} onSelect={() => choose(() => listPrefix(text))}>
              List keys under&nbsp;
              <KeyText bytes={fromDisplay(text)} />
            </Command.Item>
          </Command.Group>
        )}
      </Command.List>
    </Command.Dialog>
  );
}

function openKey(text: string): void {
  go({ screen: "keys", key: fromDisplay(text), tab: "value" });
}

function listPrefix(text: string): void {
  go({ screen: "keys", query: fromDisplay(text), key: undefined });
}

function byGroup(list: readonly Action[]): Map<string, Action[]> {
  const groups = new Map<string, Action[]>();
  const latest = new Map(list.filter(({ hidden }) => !hidden).map((action) => [action.id, action]));
  for (const action of latest.values()) {
    if (action.id === "view.palette") continue;
    groups.set(action.group, [...(groups.get(action.group) ?? []), action]);
  }
  return groups;
}
