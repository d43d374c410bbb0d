/** The run's one Chromium, from any of its workers. */
import { type Browser, chromium } from "playwright";
import { inject } from "vitest";

/** True where there is no Chromium, which the run's beginning has said. */
export const missingBrowser: boolean = inject("browserEndpoint") === "";

let connected: Promise<Browser> | undefined;

export function browser(): Promise<Browser> {
  connected ??= chromium.connect(inject("browserEndpoint"));
  return connected;
}
