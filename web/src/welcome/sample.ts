/** The sample data of the first run: what services keep in an etcd, and the keys that other tools stumble over. */
import { utf8 } from "../store/bytes.ts";

export interface SampleKey {
  readonly key: Uint8Array;
  /** Written one after the other, so that there is a history; the last one stays. */
  readonly values: readonly Uint8Array[];
  /** With a lease of its own, of so many seconds. */
  readonly leaseSeconds?: number;
}

/** What the live ticker writes. */
export const CLOCK_KEY = utf8("/demo/clock");
/** What the tour puts, and undoes. */
export const HELLO_KEY = utf8("/demo/hello");

export function sampleKeys(): SampleKey[] {
  return [
    ...texts("/config/checkout/settings.json", json(3, 2_000), json(5, 2_000), json(5, 1_500)),
    ...texts("/config/checkout/limits.yaml", LIMITS_YAML),
    ...texts("/config/web/banner", "Spring sale: free shipping until Sunday"),
    ...texts("/features/dark-mode", "true"),
    ...texts("/features/new-checkout", '{"enabled":true,"percent":10}', '{"enabled":true,"percent":25}'),
    service("/services/checkout/10.0.3.17:8080", { zone: "a", version: "2.4.1" }, 3_600),
    service("/services/checkout/10.0.3.18:8080", { zone: "b", version: "2.4.1" }, 2_400),
    service("/services/search/10.0.4.2:9090", { zone: "a", version: "0.9.3" }, 1_200),
    { key: utf8("/assets/pixel.png"), values: [PIXEL_PNG] },
    ...texts("//legacy//path", "Two slashes are two bytes: this is not /legacy/path"),
    { key: Uint8Array.of(...utf8("/sessions/"), 0xff, 0xfe, 0x07), values: [utf8("A key that is no UTF-8")] },
    ...texts("/locks/empty", ""),
  ];
}

function texts(key: string, ...values: string[]): SampleKey[] {
  return [{ key: utf8(key), values: values.map(utf8) }];
}

function service(key: string, facts: object, leaseSeconds: number): SampleKey {
  const address = key.slice(key.lastIndexOf("/") + 1);
  return { key: utf8(key), values: [utf8(JSON.stringify({ address, ...facts }))], leaseSeconds };
}

function json(retries: number, timeoutMs: number): string {
  return JSON.stringify({ retries, timeoutMs, currencies: ["EUR", "USD"], payment: { provider: "acme" } }, null, 2);
}

const LIMITS_YAML = `# Requests a second, by plan
plans:
  free: 5
  team: 50
  business: 500
burst: 2.0
`;

/** One transparent pixel. */
const PIXEL_PNG = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="),
  (character) => character.charCodeAt(0),
);
