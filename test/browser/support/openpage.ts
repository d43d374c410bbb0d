import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { BrowserContext, Page } from "playwright";
import { inject, onTestFinished } from "vitest";
import { createServer, type EtcdliteServer, type ServerOptions } from "../../../src/platform/node/index.ts";
import { type Clients, clientsOf } from "../../../web/src/store/clients.ts";
import { browser } from "./browser.ts";
import { openProbe } from "./probetransport.ts";
import { type Seed, seedKeys } from "./seed.ts";

export type StoreKind = "worker" | "server";

export interface OpenPageOptions {
  readonly store: StoreKind;
  /** Of the page's URL, with its `?`. */
  readonly query?: string;
  /** Keys that are there before the page is. */
  readonly seed?: Seed;
  /** Further things to do to the store before the page is there. */
  readonly prepare?: (clients: Clients) => Promise<void>;
  /** The same for services that are not among the clients: Auth. */
  readonly prepareBy?: (transport: Transport) => Promise<unknown>;
  readonly theme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  /** Whether the page takes it for its first run. Default false. */
  readonly firstRun?: boolean;
  /** Further preferences (web/src/app/preferences.ts) that the browser remembers. */
  readonly preferences?: object;
  /** Of the Node server. */
  readonly server?: ServerOptions;
  /** Console errors and uncaught ones that the test provokes. */
  readonly allowErrors?: RegExp;
  /** Whether the page may keep itself for use without a network. Default: not, so that every test begins alike. */
  readonly serviceWorkers?: "allow" | "block";
  /** Default true: settled when the workbench is there. */
  readonly waitForStore?: boolean;
}

export interface OpenedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** The page's address without its query; ends in a slash. */
  readonly url: string;
  /** The store's, from Node. */
  readonly clients: Clients;
  readonly transport: Transport;
  /** Undefined for the store in the browser. */
  readonly server: EtcdliteServer | undefined;
  /** What of errors was heard so far, allowed or not. */
  readonly errors: readonly string[];
}

/** A page on a store, both of this test's own; all is closed when the test is over. */
export async function openPage(options: OpenPageOptions): Promise<OpenedPage> {
  const { store, theme = "light", width = 1440, height = width < 600 ? 844 : 900 } = options;
  const context = await (await browser()).newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: "reduce",
    serviceWorkers: options.serviceWorkers ?? "block",
  });
  onTestFinished(() => context.close());
  const { url, server, transport } = await (store === "server" ? serverStore(options) : workerStore(context));
  const clients = clientsOf(transport);
  if (options.seed !== undefined) await seedKeys(clients, options.seed);
  await options.prepare?.(clients);
  await options.prepareBy?.(transport);
  const errors: string[] = [];
  context.on("page", (page) => listen(page, errors));
  onTestFinished(() => {
    const unexpected = errors.filter((error) => options.allowErrors?.test(error) !== true);
    if (unexpected.length > 0) throw new Error(`errors on the page:\n${unexpected.join("\n")}`);
  });
  const preferences = { welcomed: options.firstRun !== true, ...options.preferences };
  await context.addInitScript((held) => {
    // Only once: what the test changes is to outlive a reload. An empty page has no storage.
    if (location.protocol.startsWith("http")) localStorage["etcdlite.preferences"] ??= held;
  }, JSON.stringify(preferences));
  await context.addInitScript(ownClipboard);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${url}${options.query ?? ""}`);
  // A sign-in that is asked for at once hides it from roles.
  if (options.waitForStore !== false) await page.getByRole("region", { name: "Dock", includeHidden: true }).waitFor();
  return { page, context, url, clients, transport, server, errors };
}

/** The pages of all tests share the system's clipboard, and tests run side by side: each page gets one of its own. */
function ownClipboard(): void {
  if (!("clipboard" in navigator)) return;
  let held = "";
  Object.assign(navigator.clipboard, {
    writeText: async (text: string) => {
      held = text;
    },
    readText: async () => held,
  });
}

interface OpenedStore {
  readonly url: string;
  readonly transport: Transport;
  readonly server: EtcdliteServer | undefined;
}

async function serverStore(options: OpenPageOptions): Promise<OpenedStore> {
  const server = await createServer({ webRoot: inject("siteFolder"), ...options.server });
  onTestFinished(() => server.close());
  return { url: `${server.url}/`, transport: createGrpcTransport({ baseUrl: server.url }), server };
}

async function workerStore(context: BrowserContext): Promise<OpenedStore> {
  const url = inject("staticUrl");
  let opened: Promise<Transport> | undefined;
  const probe = (): Promise<Transport> => {
    opened ??= openProbe(context, `${url}probe/`).then(({ transport }) => transport);
    return opened;
  };
  const transport: Transport = {
    unary: async (...call) => (await probe()).unary(...call),
    stream: async (...call) => (await probe()).stream(...call),
  };
  return { url, transport, server: undefined };
}

function listen(page: Page, errors: string[]): void {
  page.on("pageerror", (error) => errors.push(`uncaught: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`console: ${message.text()} (${message.location().url})`);
  });
}
