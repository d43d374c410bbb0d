export { DetailPanel } from "./DetailPanel.tsx";
