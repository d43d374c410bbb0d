export { KeysPanel } from "./KeysPanel.tsx";
