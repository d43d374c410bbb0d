import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Kbd } from "./display.tsx";

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

/** A button that opens a list of things to do. */
export function Menu({ trigger, items }: { readonly trigger: ReactNode; readonly items: readonly MenuItem[] }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="menu" sideOffset={4} collisionPadding={8} align="end">
          {items.map((item, at) =>
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
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
