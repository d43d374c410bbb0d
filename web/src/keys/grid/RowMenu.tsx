import { DropdownMenu as Radix } from "radix-ui";
import type { MenuItem } from "../../ui/index.ts";
import { MenuItems } from "../../ui/menuitems.tsx";

export interface MenuPlace {
  readonly x: number;
  readonly y: number;
  readonly items: readonly MenuItem[];
  readonly focusRow: () => void;
}

/** One menu for all rows, opened where the pointer or the row is: a menu for each would be too much to draw. */
export default function RowMenu({ place, onClose }: { readonly place: MenuPlace; readonly onClose: () => void }) {
  return (
    <Radix.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <Radix.Trigger asChild>
        <span className="keys-menu-anchor" style={{ left: place.x, top: place.y }} aria-hidden />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          className="menu"
          collisionPadding={8}
          align="start"
          aria-label="Row menu"
          // The row has the focus again, not the menu's anchor.
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            place.focusRow();
          }}
        >
          <MenuItems items={place.items} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
