/** Tokens that sign themselves: only what was signed with our key is taken, and only for whom it was signed. */
import { generateKeyPairSync } from "node:crypto";
import { JwtTokens } from "../../../src/platform/node/auth/jwt-tokens.ts";
import { hold, type Target, textOf, utf8 } from "../target.ts";

const NOW_MS = 1_700_000_000_000;

export async function open(): Promise<Target> {
  const secret = utf8("a secret of thirty-two characters");
  const ed25519 = generateKeyPairSync("ed25519");
  const common = { ttlMs: 60_000, nowMs: () => NOW_MS };
  const issuers = [
    new JwtTokens({ ...common, algorithm: "HS256", verifyKey: secret, signKey: secret }),
    new JwtTokens({ ...common, algorithm: "EdDSA", verifyKey: ed25519.publicKey, signKey: ed25519.privateKey }),
  ];
  const signed = await Promise.all(issuers.map((issuer, at) => issuer.assign(`user${at}`, 5 + at)));
  const json = (text: string): string => Buffer.from(text).toString("base64url");
  return {
    seeds: signed.map(utf8),
    dictionary: [
      ...signed.flatMap((token) => token.split(".")),
      ...['{"alg":"none"}', '{"alg":"HS256","typ":"JWT"}', '{"alg":"EdDSA","crit":["x"],"x":1}', '{"b64":false}'].map(
        json,
      ),
      ...['{"username":"root","revision":9}', '{"username":"user0","revision":5,"exp":1e999}'].map(json),
      ...["..", ".", "=", "-", "_", "%"],
    ],
    maxBytes: 1000,
    run: async (input) => {
      const token = textOf(input);
      // New ones: what was verified is remembered.
      for (const [at, tokens] of issuers.entries()) {
        await tokens.verify(token);
        const caller = tokens.find(token);
        if (caller === undefined) continue;
        hold(caller.username === `user${at}` && caller.revision === 5 + at, "a token is whose it was signed for");
      }
    },
  };
}
