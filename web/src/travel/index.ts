/** The page's place in time, and bringing the past back. */
export { oldestOf, refreshOldest } from "./oldest.ts";
export { RevisionScrubber } from "./RevisionScrubber.tsx";
export { openRestore } from "./restore/wanted.ts";
export { TravelBanner } from "./TravelBanner.tsx";
export { travelTo } from "./useTravel.ts";
