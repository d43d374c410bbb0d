export { ConnectionBanner } from "./ConnectionBanner.tsx";
export { ConnectionButton } from "./ConnectionButton.tsx";
