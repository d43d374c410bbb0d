/** The parts that every screen is made of. */

export { Button, CopyButton, IconButton, LinkButton } from "./button.tsx";
export { Cell, useCell } from "./cell.ts";
export { Confirm, Dialog } from "./dialog.tsx";
export { ActionsHeading, Badge, Banner, EmptyState, Kbd, KeyText, Spinner } from "./display.tsx";
export { CheckboxField, Field, SelectField, TextField } from "./field.tsx";
export { useFinger, useMedia } from "./media.ts";
export { Menu, type MenuItem } from "./menu.tsx";
export { Splitter } from "./splitter.tsx";
export { Tabs } from "./tabs.tsx";
export { Tooltip } from "./tooltip.tsx";
