export { RevisionScrubber } from "./RevisionScrubber.tsx";
export { TravelBanner } from "./TravelBanner.tsx";
