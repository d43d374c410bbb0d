import { expect, test } from "vitest";
import { DETAIL_TABS, DOCK_TABS, formatRoute, parseRoute, type Route, SCREENS } from "../../../web/src/app/route.ts";
import { utf8 } from "../../../web/src/store/bytes.ts";
import { fc } from "../../support/property.ts";

const routes: fc.Arbitrary<Route> = fc.record({
  connection: fc.option(
    fc.constantFrom("browser", "browser:a&b=ü", "http://127.0.0.1:2379", "connect+https://a.b/c?d"),
    {
      nil: undefined,
    },
  ),
  screen: fc.constantFrom(...SCREENS),
  key: fc.option(fc.uint8Array({ maxLength: 12 }), { nil: undefined }),
  revision: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
  tab: fc.constantFrom(...DETAIL_TABS),
  query: fc.uint8Array({ maxLength: 6 }),
  dock: fc.option(fc.constantFrom(...DOCK_TABS), { nil: undefined }),
});

test("a route is the same after a way through the URL", () => {
  fc.assert(
    fc.property(routes, (route) => {
      expect(parseRoute(formatRoute(route))).toEqual(route);
    }),
  );
});

test("the bare URL is the first screen, and the first screen has the bare URL", () => {
  const first = parseRoute("");
  expect(first).toMatchObject({ screen: "keys", key: undefined, revision: undefined, tab: "value", dock: undefined });
  expect(formatRoute(first)).toBe("");
});

test("an empty key is a key that is named", () => {
  expect(parseRoute("?key=").key).toEqual(new Uint8Array());
});

test("what a hand typed wrong is left out, the rest stays", () => {
  const route = parseRoute("?screen=nowhere&rev=-3&tab=x&dock=y&key=/a%FF&unknown=1");
  expect(route).toMatchObject({ screen: "keys", revision: undefined, tab: "value", dock: undefined });
  expect(route.key).toEqual(Uint8Array.of(...utf8("/a"), 0xff));
});
