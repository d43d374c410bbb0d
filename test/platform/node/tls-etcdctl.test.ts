/** A real etcdctl over TLS and unix sockets. */
import { execFile } from "node:child_process";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { findEtcdctl, MISSING_ETCD, toolsAreRequired } from "../../support/etcd.ts";
import { certificateFiles } from "./support/certificates.ts";
import { alice, ca, serverPair, startSecure } from "./support/secure.ts";

const etcdctl = findEtcdctl();
if (etcdctl === undefined && !toolsAreRequired()) console.log(`skipped: etcdctl over TLS: ${MISSING_ETCD}`);

const root = await ca.issue({ commonName: "root", client: true });

const files = certificateFiles({
  ...{ "ca.pem": ca.cert, "server.pem": serverPair.cert, "server-key.pem": serverPair.key },
  ...{ "alice.pem": alice.cert, "alice-key.pem": alice.key, "root.pem": root.cert, "root-key.pem": root.key },
});
afterAll(() => files.remove());

const trusting = [`--cacert=${files.path("ca.pem")}`];
const as = (name: string): string[] => [
  ...trusting,
  `--cert=${files.path(`${name}.pem`)}`,
  `--key=${files.path(`${name}-key.pem`)}`,
];

/** What it prints, on either stream. */
function ctl(endpoint: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const times = ["--dial-timeout=10s", "--command-timeout=10s"];
    execFile(etcdctl as string, [`--endpoints=${endpoint}`, ...times, ...args], { env: {} }, (_, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

describe.skipIf(etcdctl === undefined && !toolsAreRequired())("etcdctl", () => {
  test("TL1: writes, reads and watches over TLS", async () => {
    const { url } = await startSecure({ tls: { trustedCa: ca.cert } });
    expect(await ctl(url, ...as("alice"), "put", "k", "v")).toBe("OK\n");
    expect(await ctl(url, ...as("alice"), "get", "k")).toBe("k\nv\n");
    expect(await ctl(url, ...as("alice"), "endpoint", "health")).toContain("is healthy");
  });

  test("TL5: is the user its certificate names", async () => {
    const { url } = await startSecure({ bcryptCost: 4, tls: { trustedCa: ca.cert, clientCertAuth: true } });
    for (const args of [
      ["user", "add", "root", "--no-password"],
      ["user", "add", "alice", "--no-password"],
      ["user", "grant-role", "root", "root"],
      ["role", "add", "r"],
      ["role", "grant-permission", "r", "readwrite", "k"],
      ["user", "grant-role", "alice", "r"],
      ["auth", "enable"],
    ]) {
      expect(await ctl(url, ...as("root"), ...args)).not.toContain("Error");
    }
    expect(await ctl(url, ...as("alice"), "put", "k", "v")).toBe("OK\n");
    expect(await ctl(url, ...as("alice"), "put", "x", "v")).toContain("etcdserver: permission denied");
    expect(await ctl(url, ...as("root"), "get", "", "--prefix")).toBe("k\nv\n");
  });

  test("TL3: is told that it needs a certificate, and the log that it trusts nobody", async () => {
    const { url, warned, warnings } = await startSecure({ tls: { trustedCa: ca.cert } });
    const short = ["--dial-timeout=1s", "--command-timeout=1s"];
    // A client that still writes when the connection is closed may see that, and not why.
    const told = (): Promise<string> => ctl(url, ...short, ...trusting, "get", "k");
    await expect.poll(told, { timeout: 20_000 }).toContain("tls: certificate required");
    await warned(1);
    expect(warnings[0]).toContain("it has no certificate, and needs one");
    await ctl(url, ...short, "--cert", files.path("alice.pem"), "--key", files.path("alice-key.pem"), "get", "k");
    await expect.poll(() => warnings.join("\n")).toContain("it does not trust the server's certificate");
  });

  test("TL7: reaches unix sockets, with TLS and without", async () => {
    const folder = certificateFiles({});
    onTestFinished(() => folder.remove());
    const [plain, secure] = [`unix://${folder.path("a")}`, `unixs://${folder.path("b")}`];
    await startSecure({ listenClientUrls: [plain, secure] });
    expect(await ctl(plain, "put", "k", "v")).toBe("OK\n");
    expect(await ctl(secure, "--insecure-skip-tls-verify", "--insecure-transport=false", "get", "k")).toContain(
      "k\nv\n",
    );
  });
});
