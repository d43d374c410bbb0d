import { DropdownMenu as Radix } from "radix-ui";
import { Kbd } from "./display.tsx";
import type { MenuItem } from "./menu.tsx";

/** What stands in a menu, whatever opened it. */
export function MenuItems({ items }: { readonly items: readonly MenuItem[] }) {
  return items.map((item, at) =>
    item === "separator" ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: a menu's items stay where they are
      <Radix.Separator key={at} className="menu-separator" />
    ) : (
      <Radix.Item
        // biome-ignore lint/suspicious/noArrayIndexKey: a menu's items stay where they are
        key={at}
        className={item.danger ? "menu-item menu-item-danger" : "menu-item"}
        disabled={item.disabled}
        onSelect={item.onSelect}
      >
        <span className="menu-icon">{item.icon}</span>
        <span className="menu-label">{item.label}</span>
        {item.checked && <span aria-hidden>✓</span>}
        {item.shortcut?.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </Radix.Item>
    ),
  );
}
