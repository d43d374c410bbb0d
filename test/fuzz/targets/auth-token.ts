/** The flag --auth-token. */
import { tokensFor } from "../../../src/platform/node/auth/auth-token.ts";
import { ConfigError } from "../../../src/platform/node/listen/urls.ts";
import { VirtualClock } from "../../support/clock.ts";
import { refusingLater, type Target, textOf, utf8 } from "../target.ts";

export function open(): Target {
  const options = { clock: new VirtualClock(), wallClockMs: () => 0 };
  const seeds = [
    "simple",
    "",
    "jwt,sign-method=HS256,priv-key=nothing,ttl=10m",
    "jwt,pub-key=a,priv-key=b,sign-method=EdDSA",
  ];
  return {
    seeds: seeds.map(utf8),
    dictionary: [
      "jwt",
      ",",
      "=",
      "sign-method=",
      "priv-key=",
      "pub-key=",
      "ttl=",
      "RS256",
      "none",
      "HS",
      "1h",
      "__proto__",
    ],
    maxBytes: 300,
    run: async (input) => {
      // No file of the machine is read but by chance: the names have no slash.
      const option = textOf(input).replaceAll("/", "");
      await refusingLater([ConfigError], () => tokensFor(option, options));
    },
  };
}
