/** A connection that fails names its cause: each of them is a real server, or none. */
import { createServer as createHttpServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright";
import { expect, onTestFinished, test } from "vitest";
import { createServer } from "../../../src/platform/node/index.ts";
import { findEtcd, startEtcd, toolsAreRequired } from "../../support/etcd.ts";
import { describeBrowser, openPage } from "../support/index.ts";

const PROVOKED = /Failed to load resource|CORS policy|net::ERR/;
const hasEtcd = findEtcd() !== undefined || toolsAreRequired();

describeBrowser("a connection that fails", () => {
  test("nothing listens: the host and port are named", async () => {
    const url = await serve(() => {}, { closed: true });
    expect(await explanationOf(url)).toMatch(/Nothing answers at 127\.0\.0\.1:\d+/);
  });

  test("CORS: the flag that lets this page in is offered", async () => {
    const server = await createServer({ cors: ["http://elsewhere.example"] });
    onTestFinished(() => server.close());
    const text = await explanationOf(server.url);
    expect(text).toMatch(/does not let this page in \(CORS\)/);
    expect(text).toMatch(/etcdlite --cors http:\/\/127\.0\.0\.1:\d+/);
  });

  test("a web server that lets pages in is no etcd", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "text/html", ...ANY_PAGE }).end("<h1>Hello</h1>");
    });
    expect(await explanationOf(url)).toMatch(/What answers at 127\.0\.0\.1:\d+ is no etcd/);
  });

  test("neither is one that answers 404", async () => {
    const url = await serve((request, response) => {
      response.writeHead(request.method === "OPTIONS" ? 204 : 404, { "content-type": "text/plain", ...ANY_PAGE }).end();
    });
    expect(await explanationOf(url)).toMatch(/is no etcd/);
  });

  test.skipIf(!hasEtcd)(
    "etcd itself is told by its version, and why it cannot be used (needs etcd 3.7.1)",
    async () => {
      const etcd = await startEtcd();
      onTestFinished(() => etcd.stop());
      expect(await explanationOf(etcd.url)).toMatch(/This is etcd 3\.7\.\d+, which speaks gRPC that browsers cannot/);
    },
  );

  test("a server without users says so to a user and a password", async () => {
    const server = await createServer({});
    onTestFinished(() => server.close());
    const { page } = await openPage({ store: "worker", allowErrors: PROVOKED });
    await openDialog(page);
    await page.getByLabel("URL").fill(server.url);
    await page.getByLabel("User", { exact: true }).fill("root");
    await page.getByLabel("Password").fill("secret");
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByText("leave user and password empty").waitFor();
  });

  test("a server that goes away shows the cause on the page, and goes on when it is back", async () => {
    const server = await createServer({});
    const { port } = new URL(server.url);
    const { page } = await openPage({ store: "worker", query: `?c=${server.url}`, allowErrors: PROVOKED });
    await page.getByRole("button", { name: /^Connection: .*Ready/ }).waitFor();
    await server.close();
    await page.reload();
    const banner = page.getByRole("alert").filter({ hasText: "Nothing answers" });
    await banner.waitFor();
    await page.getByRole("button", { name: /^Connection: .*Not connected/ }).waitFor();
    const again = await createServer({ listenClientUrls: [`http://127.0.0.1:${port}`] });
    onTestFinished(() => again.close());
    await banner.getByRole("button", { name: "Try again" }).click();
    await banner.waitFor({ state: "detached" });
  });
});

const ANY_PAGE = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-allow-methods": "*",
};

/** What the dialog says of a server, tested from the page of a static host. */
async function explanationOf(url: string): Promise<string> {
  const { page } = await openPage({ store: "worker", allowErrors: PROVOKED });
  await openDialog(page);
  await page.getByLabel("URL").fill(url);
  await page.getByRole("button", { name: "Test", exact: true }).click();
  const alert = page.getByRole("dialog").getByRole("alert");
  await alert.waitFor();
  return (await alert.textContent()) ?? "";
}

async function openDialog(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Connection:/ }).click();
  await page.getByRole("menuitem", { name: "Connect to a server…" }).click();
}

async function serve(listener: RequestListener, { closed = false } = {}): Promise<string> {
  const server = createHttpServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  if (closed) await close();
  else onTestFinished(close);
  return `http://127.0.0.1:${port}`;
}
