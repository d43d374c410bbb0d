/** What the page is connected to: the button and banner of it, and the way to other endpoints. */
export { ConnectionBanner } from "./ConnectionBanner.tsx";
export { ConnectionButton } from "./ConnectionButton.tsx";
export { UserButton } from "./UserButton.tsx";
