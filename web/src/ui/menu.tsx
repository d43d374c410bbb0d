import { Slot } from "radix-ui";
import { lazy, type ReactNode, Suspense, useState } from "react";

export type MenuItem =
  | {
      readonly label: ReactNode;
      readonly icon?: ReactNode;
      readonly shortcut?: readonly string[];
      readonly danger?: boolean;
      readonly disabled?: boolean;
      readonly checked?: boolean;
      readonly onSelect: () => void;
    }
  | "separator";

export interface MenuProps {
  readonly trigger: ReactNode;
  readonly items: readonly MenuItem[];
}

const load = () => import("./openmenu.tsx");
const OpenMenu = lazy(load);

/** A button that opens a list of things to do. What opens it is fetched when it is first used. */
export function Menu(props: MenuProps) {
  const [used, setUsed] = useState(false);
  const closed = (
    <Slot.Root
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => setUsed(true)}
      onKeyDown={(event) => event.key === "ArrowDown" && setUsed(true)}
    >
      {props.trigger}
    </Slot.Root>
  );
  if (!used) return closed;
  return (
    <Suspense fallback={closed}>
      <OpenMenu {...props} />
    </Suspense>
  );
}
