import { Dialog, Kbd, useCell } from "../ui/index.ts";
import { type Action, actions, shortcutKeys } from "./actions.ts";

/** The shortcuts that work where one is now. */
export default function Help({ onClose }: { readonly onClose: () => void }) {
  const offered = useCell(actions).filter(({ shortcut }) => shortcut !== undefined);
  const latest = [...new Map(offered.map((action) => [action.shortcut, action])).values()];
  const groups = [...new Set(latest.map(({ group }) => group))];
  return (
    <Dialog open onClose={onClose} title="Keyboard shortcuts" description="What works on the screen you came from.">
      {groups.map((group) => (
        <section key={group}>
          <h3>{group}</h3>
          <dl className="shortcuts">
            {latest
              .filter((action) => action.group === group)
              .map((action) => (
                <Shortcut key={action.id} action={action} />
              ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}

function Shortcut({ action }: { readonly action: Action }) {
  return (
    <div className="shortcut">
      <dt>{action.title}</dt>
      <dd>
        {shortcutKeys(action.shortcut ?? "").map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </dd>
    </div>
  );
}
