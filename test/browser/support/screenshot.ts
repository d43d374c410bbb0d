import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright";
import { settled } from "./axe.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", ".cache", "screenshots");

/** A picture of the window in .cache/screenshots; returns its path. */
export async function screenshot(page: Page, name: string): Promise<string> {
  mkdirSync(FOLDER, { recursive: true });
  await settled(page);
  const path = join(FOLDER, `${name.replace(/[^\w.-]+/g, "-")}.png`);
  await page.screenshot({ path });
  return path;
}
