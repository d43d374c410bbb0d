import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";

interface TabsProps<T extends string> {
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly label: string;
  readonly tabs: ReadonlyArray<{ readonly value: T; readonly label: ReactNode }>;
  /** What stands at the end of the row of tabs. */
  readonly aside?: ReactNode;
  /** The chosen tab's panel. */
  readonly children: ReactNode;
}

export function Tabs<T extends string>({ value, onChange, label, tabs, aside, children }: TabsProps<T>) {
  return (
    <Radix.Root className="tabs" value={value} onValueChange={(next) => onChange(next as T)}>
      <div className="tabs-row">
        <Radix.List className="tabs-list" aria-label={label}>
          {tabs.map((tab) => (
            <Radix.Trigger key={tab.value} value={tab.value} className="tab">
              {tab.label}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {aside}
      </div>
      {/* One panel, whichever tab is chosen: it is named by that tab. */}
      <Radix.Content key={value} value={value} className="tab-panel" tabIndex={-1}>
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}
