import { DropdownMenu as Radix } from "radix-ui";
import type { MenuProps } from "./menu.tsx";
import { MenuItems } from "./menuitems.tsx";

/** The menu of menu.tsx from its first use on: it begins open. */
export default function OpenMenu({ trigger, items }: MenuProps) {
  return (
    <Radix.Root defaultOpen>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="menu" sideOffset={4} collisionPadding={8} align="end">
          <MenuItems items={items} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
