/** curl with certificates: the gateway, the plain HTTP paths, both versions of HTTP. */
import assert from "node:assert/strict";
import type { ExecResult } from "../harness/exec.ts";
import { run } from "../harness/exec.ts";
import type { Site, TlsCase } from "./suite.ts";
import { assertSays } from "./suite.ts";

/** curl's exit codes for what TLS refuses, whenever it notices: connecting, sending, receiving. */
const REFUSED = /^(16|18|35|52|55|56|92) /;
const PEER_NOT_TRUSTED = /^60 /;
const PUT = ["-d", '{"key":"YQ==","value":"MQ=="}'];

/** Runs curl as the certificate's owner, trusting the authority; "" is none. */
async function curl(site: Site, certificate: string, path: string, ...args: string[]): Promise<ExecResult> {
  return await curlTrusting(site, certificate, "ca", path, ...args);
}

async function curlTrusting(
  { binary, server, certificates }: Site,
  certificate: string,
  authority: string,
  path: string,
  ...args: string[]
): Promise<ExecResult> {
  const trust = authority === "" ? [] : ["--cacert", certificates.path(`${authority}.pem`)];
  const [cert, key] = [certificates.path(`${certificate}.pem`), certificates.path(`${certificate}-key.pem`)];
  const own = certificate === "" ? [] : ["--cert", cert, "--key", key];
  return await run(binary, ["-sS", "--max-time", "5", ...trust, ...own, ...args, server.secureUrl + path]);
}

export const curlCases: readonly TlsCase[] = [
  {
    name: "HTTP/1.1 and HTTP/2 by ALPN: the gateway, a stream, health, version",
    body: async (site) => {
      for (const version of ["1.1", "2"]) {
        const flags = [`--http${version}`, "-w", " HTTP/%{http_version}"];
        assertSays(
          await curl(site, "alice", "/v3/kv/put", ...flags, ...PUT),
          new RegExp(`^0 {"header":.*} HTTP/${version}`),
        );
        const range = await curl(site, "alice", "/v3/kv/range", ...flags, "-d", '{"key":"YQ=="}');
        assertSays(range, new RegExp(`"value":"MQ==".* HTTP/${version}`));
        assertSays(await curl(site, "alice", "/health", ...flags), new RegExp(`"health":"true".* HTTP/${version}`));
        assertSays(await curl(site, "alice", "/version", ...flags), /"etcdserver":"3\.7\.1"/);
        const keepAlive = await curl(site, "alice", "/v3/lease/keepalive", ...flags, "-d", '{"ID":5}');
        assertSays(keepAlive, /^0 {"result":{"header":/);
      }
    },
  },
  {
    name: "no certificate, an expired one, another authority's, a server not trusted: refused",
    body: async (site) => {
      for (const certificate of ["", "expired", "stranger"]) {
        assertSays(await curl(site, certificate, "/v3/kv/put", ...PUT), REFUSED);
        assertSays(await curl(site, certificate, "/health"), REFUSED);
      }
      for (const authority of ["", "stranger-ca"]) {
        assertSays(await curlTrusting(site, "alice", authority, "/health"), PEER_NOT_TRUSTED);
      }
      assertSays(
        await curl(site, "alice", "/v3/kv/range", "-d", '{"key":"YQ=="}'),
        /^0 {"header":{[^}]*"revision":"1"/,
      );
    },
  },
  {
    name: "plain text at the TLS port: an error, never an answer",
    body: async (site) => {
      const plain = `${site.server.secureUrl.replace("https:", "http:")}/health`;
      const result = await run(site.binary, ["-sS", "--max-time", "5", "-w", " %{http_code}", plain]);
      assert.doesNotMatch(result.stdout.toString(), /"health"| 200/);
      assertSays(result, /^0 [\s\S]* 400|^(52|56) /);
      assertSays(await curl(site, "alice", "/health"), /"health":"true"/);
    },
  },
  {
    name: "the certificate's CN is no user to the gateway",
    body: async (site) => {
      const post = async (path: string, body: object): Promise<ExecResult> => {
        return await curl(site, "root", `/v3/auth/${path}`, "-d", JSON.stringify(body));
      };
      await post("user/add", { name: "root", password: "pw" });
      await post("role/add", { name: "root" });
      await post("user/grant", { user: "root", role: "root" });
      await post("enable", {});
      assertSays(await post("user/list", {}), /^0 CommonName of client .* will be ignored/);
    },
  },
];
