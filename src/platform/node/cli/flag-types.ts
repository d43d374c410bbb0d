/** The kinds of values that etcd's flags take, as Go and etcd read them. */
import { parseDuration } from "../duration.ts";
import { ConfigError, parseUrl } from "../listen/urls.ts";

export type FlagType =
  | "string"
  /** Separated by commas, each as good as any. */
  | "strings"
  | "urls"
  /** Of web pages, or `*`. */
  | "origins"
  | "bool"
  /** As a boolean, with whatever value: what etcd takes and forgets. */
  | "ignored"
  | "uint32"
  | "uint"
  | "int"
  | "duration"
  | "feature gates"
  | readonly string[];

const INTEGERS: Readonly<Record<"uint32" | "uint" | "int", readonly [bigint, bigint]>> = {
  uint32: [0n, 2n ** 32n - 1n],
  uint: [0n, 2n ** 64n - 1n],
  int: [-(2n ** 63n), 2n ** 63n - 1n],
};

const FEATURE_GATES: ReadonlySet<string> = new Set([
  ...["AllAlpha", "AllBeta", "CompactHashCheck", "FastLeaseKeepAlive", "InitialCorruptCheck", "LeaseCheckpoint"],
  ...["LeaseCheckpointPersist", "PriorityRequest", "SetMemberLocalAddr", "StopGRPCServiceOnDefrag"],
  "TxnModeWriteWithSharedBuffer",
]);

/** Why a text is no value of that type; undefined if it is one. */
export function complaint(type: FlagType, text: string): string | undefined {
  switch (type) {
    case "string":
    case "strings":
    case "ignored":
      return undefined;
    case "bool":
      return goBool(text) === undefined ? "true or false is needed" : undefined;
    case "uint32":
    case "uint":
    case "int":
      return integerComplaint(type, text);
    case "duration":
      return parseDuration(text) === undefined ? "a duration such as 10s is needed" : undefined;
    case "urls":
      return text === "" ? undefined : urlComplaint(text);
    case "origins":
      return text === "" ? undefined : originComplaint(text);
    case "feature gates":
      return gateComplaint(text);
    default:
      return type.includes(text) ? undefined : `${type.join(" or ")} is needed`;
  }
}

export function goBool(text: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

/** Decimal, or with 0x, 0o, 0b or a leading 0; underscores between digits. */
export function goInteger(text: string): bigint | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  const digits = text.slice(sign.length);
  if (/^_|__|_$/.test(digits)) return undefined;
  const plain = digits.replaceAll("_", "");
  if (!/^(0x[\da-f]+|0b[01]+|0o?[0-7]+|0|[1-9]\d*)$/i.test(plain)) return undefined;
  const value = BigInt(plain.toLowerCase().replace(/^0(?=\d)/, "0o"));
  return sign === "-" ? -value : value;
}

/** Of `name=true,name=false`, those of the text; undefined where it is not well-formed. */
export function featureGates(text: string): ReadonlyMap<string, boolean> {
  const gates = new Map<string, boolean>();
  for (const pair of text.split(",")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = (at < 0 ? pair : pair.slice(0, at)).trim();
    if (at < 0) throw new ConfigError(`${name} needs =true or =false`);
    const value = goBool(pair.slice(at + 1).trim());
    if (value === undefined) throw new ConfigError(`${name} needs =true or =false`);
    if (!FEATURE_GATES.has(name)) throw new ConfigError(`there is no feature gate ${name}`);
    gates.set(name, value);
  }
  return gates;
}

function integerComplaint(type: "uint32" | "uint" | "int", text: string): string | undefined {
  const [min, max] = INTEGERS[type];
  const value = goInteger(text);
  // Go's unsigned numbers have no sign at all.
  const isFine = value !== undefined && value >= min && value <= max && !(min === 0n && /^[+-]/.test(text));
  if (isFine) return undefined;
  return min < 0n ? "an integer is needed" : "an integer not below 0 is needed";
}

function urlComplaint(text: string): string | undefined {
  return complaintOf(() => {
    for (const url of text.split(",")) parseUrl(url);
  });
}

/** etcd wants a port in each, which browsers leave out of their origins where they can: here it may be left out. */
function originComplaint(text: string): string | undefined {
  const isFine = (origin: string): boolean => origin === "*" || /^https?:\/\/[^/]+\/?$/.test(origin);
  return text.split(",").every((origin) => isFine(origin.trim()))
    ? undefined
    : "an origin is http://host:port, or * for all";
}

function gateComplaint(text: string): string | undefined {
  return complaintOf(() => featureGates(text));
}

function complaintOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
