/** The console's words: a shell's, pflag's and Go's; the lines that it keeps; what Tab finds. */
import { expect, test } from "vitest";
import { argify } from "../../../web/src/console/language/argify.ts";
import { parseFlags } from "../../../web/src/console/language/flags.ts";
import { fromBytes, fromText, quote, unquote } from "../../../web/src/console/language/gostring.ts";
import { GET_FLAGS } from "../../../web/src/console/language/requests.ts";
import { lastWord, parseLine } from "../../../web/src/console/language/shell.ts";
import { Scrollback } from "../../../web/src/console/session/scrollback.ts";
import { fc } from "../../support/property.ts";

test.each<[string, string[][]]>([
  ["get a", [["get", "a"]]],
  ["  get\ta  # b", [["get", "a"]]],
  ["get a#b", [["get", "a#b"]]],
  [
    "get a; get b\nget c",
    [
      ["get", "a"],
      ["get", "b"],
      ["get", "c"],
    ],
  ],
  ['get \'a b\' "c \\"d\\" \\n $HOME" e\\ f', [["get", "a b", 'c "d" \\n $HOME', "e f"]]],
  ["get $'\\xff\\n\\'\\101\\u20ac'", [["get", "\xff\n'A\xe2\x82\xac"]]],
  ["get 'it'\\''s' ''", [["get", "it's", ""]]],
  ["get a \\\n --prefix", [["get", "a", "--prefix"]]],
  ["", []],
  ["# nothing", []],
])("%j is read as a shell reads it", (text, words) => {
  const parsed = parseLine(`${text}\n`);
  expect(parsed.kind === "commands" && parsed.commands.map((command) => command.words)).toEqual(words);
});

test("input by here-strings and here-documents, and commands beside", () => {
  expect(parseLine("put a <<< 'x y'; watch b &\n")).toEqual({
    kind: "commands",
    commands: [
      { words: ["put", "a"], input: "x y\n", isBackground: false },
      { words: ["watch", "b"], input: undefined, isBackground: true },
    ],
  });
  expect(parseLine("put b <<EOF\none\nEOF\n")).toMatchObject({ commands: [{ input: "one\n" }] });
});

test.each(["get 'a", 'get "a', "get $'a", "put a <<EOF\nx\n", "get a \\\n"])("%j is not at its end", (text) => {
  expect(parseLine(text).kind).toBe("incomplete");
});

test.each(["get a | cat", "get a > file", "get `a`", "put a <"])("%j is no shell's business here", (text) => {
  expect(parseLine(`${text}\n`).kind).toBe("error");
});

test("the word that Tab completes", () => {
  expect(lastWord("get /a")).toEqual({ before: ["get"], word: "/a", start: 4 });
  expect(lastWord("get ")).toEqual({ before: ["get"], word: "", start: 4 });
  expect(lastWord("put 'a b' 'c d")).toEqual({ before: ["put", "a b"], word: "c d", start: 10 });
  expect(lastWord("get x; ge")).toEqual({ before: [], word: "ge", start: 7 });
  expect(lastWord("get €/")).toEqual({ before: ["get"], word: fromText("€/"), start: 4 });
});

test("flags in every way that pflag takes them", () => {
  const parsed = parseFlags(["--limit=5", "a", "--prefix=false", "--rev", "0x10", "--", "--prefix"], GET_FLAGS);
  expect(parsed.args).toEqual(["a", "--prefix"]);
  expect([parsed.int("limit"), parsed.int("rev"), parsed.has("prefix")]).toEqual([5n, 16n, false]);
});

test("Go's quotes and back, whatever the bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const go = fromBytes(bytes);
      expect(unquote(quote(go))).toBe(go);
      expect(argify(`get ${quote(go)} 'x'`)).toEqual(["get", go, "x"]);
    }),
  );
  expect(quote(fromText("é\u200b\n"))).toBe(fromText('"é\\u200b\\n"'));
});

test("ten thousand lines are kept; what is no text is seen byte by byte", () => {
  const scrollback = new Scrollback(() => {});
  for (let at = 0; at < 12_345; at++) scrollback.write("out", `${at}\n`);
  scrollback.flush();
  const lines = scrollback.chunks.value.flatMap((chunk) => chunk.lines);
  expect(lines.length).toBeLessThanOrEqual(10_000);
  expect(lines.length).toBeGreaterThan(9_800);
  expect(lines.at(-1)?.segments[0]?.text).toBe("12344");
  scrollback.clear();
  scrollback.write("out", "k\xff\x01é\xc3\xa9", Uint8Array.of(1));
  scrollback.write("err", "Error\n");
  expect(scrollback.text()).toBe("k\\xff\\x01\\xe9é\nError\n");
});
