/** What calls tell the log. */
export { loggedServices } from "./log.ts";
