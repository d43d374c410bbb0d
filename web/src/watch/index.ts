export { WatchDock } from "./WatchDock.tsx";
export { WatchProvider } from "./WatchProvider.tsx";
export { WatchSummary } from "./WatchSummary.tsx";
