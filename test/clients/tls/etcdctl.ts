/** etcdctl with certificates. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { ExecResult } from "../harness/exec.ts";
import { run, Session } from "../harness/exec.ts";
import type { Site, TlsCase } from "./suite.ts";
import { assertSays } from "./suite.ts";

/** Runs etcdctl as the certificate's owner, trusting the authority; "" is none. */
async function etcdctl(site: Site, certificate: string, authority: string, args: string[]): Promise<ExecResult> {
  return await run(site.binary, [...flagsFor(site, certificate, authority), ...args]);
}

function flagsFor({ server, certificates }: Site, certificate: string, authority: string): string[] {
  const { path } = certificates;
  return [
    ...["--endpoints", server.secureUrl, "--dial-timeout=2s", "--command-timeout=2s"],
    ...(authority === "" ? [] : ["--cacert", path(`${authority}.pem`)]),
    ...(certificate === "" ? [] : ["--cert", path(`${certificate}.pem`), "--key", path(`${certificate}-key.pem`)]),
  ];
}

async function succeeds(site: Site, certificate: string, ...args: string[]): Promise<string> {
  const result = await etcdctl(site, certificate, "ca", args);
  assert.equal(result.status, 0, result.stderr);
  return result.stdout.toString();
}

export const etcdctlCases: readonly TlsCase[] = [
  {
    name: "a server's certificate alone",
    flags: (certificates) => certificates.serverFlags({ clients: "notAsked" }),
    body: async (site) => {
      assert.equal(await succeeds(site, "", "put", "a", "1"), "OK\n");
      assert.equal(await succeeds(site, "", "get", "a", "--print-value-only"), "1\n");
      assertSays(await etcdctl(site, "", "stranger-ca", ["get", "a"]), /unknown authority/);
      assertSays(await etcdctl(site, "", "", ["get", "a"]), /unknown authority/);
      const trusting = await etcdctl(site, "", "", ["--insecure-skip-tls-verify", "get", "a", "--print-value-only"]);
      assertSays(trusting, /^0 1\n/);
      const byAddress = ["--endpoints", site.server.secureUrl.replace("127.0.0.1", "localhost")];
      assertSays(await etcdctl(site, "", "ca", [...byAddress, "endpoint", "health"]), /is healthy/);
    },
  },
  {
    name: "with a client's certificate: put, watch, lease, lock, snapshot, member list, status",
    body: async (site) => {
      assert.equal(await succeeds(site, "alice", "put", "a", "1"), "OK\n");
      const watch = new Session(site.binary, [...flagsFor(site, "alice", "ca"), "watch", "a", "--rev=1"]);
      await watch.waitFor("the event", (printed) => printed.includes("PUT\na\n1\n"));
      watch.signal("SIGINT");
      await watch.exited();
      const lease = /lease (\w+) granted/.exec(await succeeds(site, "alice", "lease", "grant", "60"))?.[1] ?? "";
      assert.match(await succeeds(site, "alice", "lease", "keep-alive", "--once", lease), /keepalived with TTL\(60\)/);
      assert.equal(await succeeds(site, "alice", "lock", "l", "echo", "held"), "held\n");
      const file = join(site.certificates.folder, "snapshot.db");
      assert.match(await succeeds(site, "alice", "snapshot", "save", file), /Snapshot saved/);
      assert.match(await succeeds(site, "alice", "member", "list"), /started/);
      assert.match(await succeeds(site, "alice", "endpoint", "status"), /3\.7\.1/);
    },
  },
  {
    name: "no certificate, an expired one, another authority's: refused",
    body: async (site) => {
      for (const certificate of ["", "expired", "stranger"]) {
        // Whether it still reads why, or finds the connection closed, is chance.
        assertSays(
          await etcdctl(site, certificate, "ca", ["put", "a", "1"]),
          /^1 [\s\S]*Error: context deadline exceeded/,
        );
      }
      assert.equal(await succeeds(site, "root", "get", "", "--prefix"), "", "none of them wrote");
    },
  },
  {
    name: "a server whose certificate expired: the client refuses",
    flags: (certificates) => certificates.serverFlags({ server: "late-server", clients: "notAsked" }),
    body: async (site) => {
      assertSays(await etcdctl(site, "", "ca", ["get", "a"]), /certificate has expired or is not yet valid/);
    },
  },
  {
    name: "plain text at the TLS port, TLS at the plain one: refused",
    body: async (site) => {
      const short = ["--dial-timeout=1s", "--command-timeout=1s", "get", "a"];
      const plain = ["--endpoints", new URL(site.server.secureUrl).host, ...short];
      const result = await run(site.binary, plain);
      assert.notEqual(result.status, 0);
      const secure = ["--endpoints", site.server.url.replace("http:", "https:"), ...short];
      assert.notEqual((await run(site.binary, ["--cacert", site.certificates.path("ca.pem"), ...secure])).status, 0);
      assert.equal(await succeeds(site, "root", "put", "a", "1"), "OK\n");
    },
  },
  {
    name: "the certificate's CN is the user; a password is stronger than it",
    body: async (site) => {
      await succeeds(site, "root", "user", "add", "root:pw");
      await succeeds(site, "root", "user", "add", "alice", "--no-password");
      await succeeds(site, "root", "role", "add", "a");
      await succeeds(site, "root", "role", "grant-permission", "a", "readwrite", "a/", "--prefix");
      await succeeds(site, "root", "user", "grant-role", "alice", "a");
      await succeeds(site, "root", "auth", "enable");
      assert.equal(await succeeds(site, "alice", "put", "a/1", "1"), "OK\n");
      assertSays(await etcdctl(site, "alice", "ca", ["put", "b", "1"]), /permission denied/);
      assertSays(await etcdctl(site, "alice", "ca", ["user", "list"]), /permission denied/);
      assertSays(await etcdctl(site, "nobody", "ca", ["get", "a/1"]), /permission denied/);
      assert.equal(await succeeds(site, "root", "user", "list"), "alice\nroot\n");
      assert.equal(await succeeds(site, "alice", "--user", "root:pw", "user", "list"), "alice\nroot\n");
      assertSays(await etcdctl(site, "alice", "ca", ["--user", "root:wrong", "get", "a/1"]), /authentication failed/);
      assertSays(await etcdctl(site, "alice", "ca", ["watch", "b"]), /permission denied/);
    },
  },
  {
    name: "make-mirror to a destination with TLS",
    body: async (site) => {
      const { server, certificates, binary } = site;
      await run(binary, ["--endpoints", server.url, "put", "from/1", "x"]);
      const mirror = new Session(binary, [
        ...["--endpoints", server.url, "make-mirror", "--prefix", "from/", "--dest-prefix", "to/"],
        ...["--dest-cacert", certificates.path("ca.pem"), "--dest-insecure-transport=false"],
        ...["--dest-cert", certificates.path("alice.pem"), "--dest-key", certificates.path("alice-key.pem")],
        server.secureUrl,
      ]);
      while ((await succeeds(site, "root", "get", "to/1", "--print-value-only")) !== "x\n");
      mirror.signal("SIGINT");
      await mirror.exited();
    },
  },
  {
    name: "--auto-tls: a certificate of the server's own making",
    flags: () => ["--auto-tls"],
    body: async (site) => {
      assertSays(await etcdctl(site, "", "", ["put", "a", "1"]), /unknown authority|self-signed|signed by/);
      assertSays(await etcdctl(site, "", "", ["--insecure-skip-tls-verify", "put", "a", "1"]), /^0 OK\n/);
    },
  },
];
