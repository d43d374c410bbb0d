import { useState } from "react";
import { preferences, setPreferences } from "../app/preferences.ts";
import { fromDisplay } from "../store/bytes.ts";
import { SelectField, TextField, useCell } from "../ui/index.ts";

/** Theme, and how the list of keys is drawn. */
export function AppearanceCard() {
  const { theme, listMode } = useCell(preferences);
  return (
    <section className="card" aria-label="Appearance and keys">
      <h2>Appearance and keys</h2>
      <div className="settings-fields">
        <SelectField
          label="Theme"
          value={theme}
          onChange={(next) => setPreferences({ theme: next })}
          options={[
            { value: "system", label: "As the system has it" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
        />
        <SelectField
          label="List of keys"
          value={listMode}
          onChange={(next) => setPreferences({ listMode: next })}
          options={[
            { value: "tree", label: "Tree" },
            { value: "flat", label: "Flat list" },
          ]}
        />
        <DelimiterField />
      </div>
    </section>
  );
}

/** Takes effect as it is typed, but for the moment in which there is none. */
function DelimiterField() {
  const { delimiter } = useCell(preferences);
  const [text, setText] = useState<string>();
  const shown = text ?? delimiter;
  const change = (next: string): void => {
    setText(next);
    if (fromDisplay(next).length > 0) setPreferences({ delimiter: next });
  };
  return (
    <TextField
      label="Delimiter"
      value={shown}
      onChange={change}
      hint="Ends a folder's name in the tree: /, :, . or more bytes; \x1f for one that cannot be typed"
      error={shown === "" ? "At least one byte" : undefined}
      mono
    />
  );
}
