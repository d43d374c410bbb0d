/** Messages as the gateway's JSON: the scanner agrees with JSON.parse, and what was read is written and read the same. */
import { equals } from "@bufbuild/protobuf";
import { EtcdError } from "../../../src/errors.ts";
import { bodyLimits, exactRequest, onlyRequest } from "../../../src/rpc/gateway/body.ts";
import { ROUTES } from "../../../src/rpc/gateway/routes.ts";
import { encodeJson } from "../../../src/rpc/json/encoder.ts";
import { JsonScanner } from "../../../src/rpc/json/scanner.ts";
import { EXAMPLES } from "../messages.ts";
import { hold, refusing, type Target } from "../target.ts";

const LIMITS = bodyLimits(1024 * 1024);
/** What the gateway has: its codec knows of no others. */
const DESCS = [...new Set(Object.values(ROUTES).flatMap(({ input, output }) => [input, output]))];

/** The first byte says which message the others are. */
export function open(): Target {
  const names = DESCS.flatMap(({ fields }) => fields.flatMap(({ jsonName, name }) => [`"${jsonName}":`, `"${name}":`]));
  return {
    seeds: EXAMPLES.map(({ desc, message }) => Uint8Array.of(DESCS.indexOf(desc), ...encodeJson(desc, message))),
    dictionary: [
      ...new Set(names),
      ...[
        "null",
        "true",
        "{}",
        "[]",
        "[{",
        "}]",
        '""',
        '"-1"',
        "1e3",
        "-0",
        "1.5",
        "1e999",
        "\\u0000",
        "\\ud800",
        "\\",
      ],
      ...['"9223372036854775808"', '"NaN"', '"AA=="', '"__proto__":{}', "\t", "\ufeff", '"EQUAL"', '"DESCEND"'],
    ],
    run: (input) => {
      const desc = DESCS[(input[0] ?? 0) % DESCS.length];
      if (desc === undefined) return;
      const body = input.subarray(1);
      checkScanner(body);
      const exact = refusing([EtcdError], () => exactRequest(desc, body, LIMITS));
      const message = refusing([EtcdError], () => onlyRequest(desc, body, LIMITS));
      if (exact === undefined || message === undefined) {
        hold(exact === message, "what is plain is read by all the rules");
        return;
      }
      hold(equals(desc, exact, message), "what is plain is read as by all the rules");
      const again = onlyRequest(desc, encodeJson(desc, message), LIMITS);
      hold(equals(desc, message, again), "a message is written as it was read");
    },
  };
}

/** A value that it takes as whole is one to JSON.parse, too. */
function checkScanner(body: Uint8Array): void {
  const scanner = new JsonScanner();
  const end = refusing([EtcdError], () => scanner.scan(body, 0, body.length));
  if (end === undefined) return;
  // Texts of bytes that are no UTF-8 are etcd's own business.
  JSON.parse(Buffer.from(body.subarray(0, end)).toString("latin1"));
}
