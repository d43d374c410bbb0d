/** Writes test/SPEC.md: each rule and the tests that hold it. Run it after adding, renaming or removing a test. */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RULES, type Rule } from "./rules.ts";

const ROOT = join(import.meta.dirname, "..");

const INTRODUCTION = `# What is held, and by what

etcdlite does what etcd 3.7.1 does, by these rules. A test that holds one begins its name with the rule's ID.
The expectations of the tests in \`test/rpc\` were held against a real etcd; to do it again, with an etcd found as
\`test/support/etcd.ts\` says:

    RULES_AGAINST=etcd npx vitest run test/rpc

Written by \`npm run spec\` from \`scripts/rules.ts\` and the names of the tests; a test fails where it is stale.
`;

export interface RuleTest {
  readonly rule: string;
  readonly file: string;
  readonly name: string;
}

/** A test's call and its name; where the name is a template, what is put into it is shown as an ellipsis. */
const TEST_CALL = /^\s*(?:test|it|inProcess)(?:\.\w+(?:\([^)]*\))?)*\(\s*(["'`])((?:[A-Z]{2}\d+(?:, )?)+): (.*?)\1,/gm;

/** The tests whose names cite rules, in order of file and place. */
export function ruleTests(): RuleTest[] {
  const tests: RuleTest[] = [];
  for (const path of globSync("test/**/*.test.ts", { cwd: ROOT }).sort()) {
    const file = path.split("\\").join("/");
    for (const [, , ids = "", text = ""] of readFileSync(join(ROOT, path), "utf8").matchAll(TEST_CALL)) {
      const name = text.replace(/\$\{[^}]*\}/g, "…").replace(/\\(.)/g, "$1");
      for (const rule of ids.split(", ")) tests.push({ rule, file, name });
    }
  }
  return tests;
}

/** The whole of test/SPEC.md. */
export function specPage(tests: readonly RuleTest[]): string {
  const rows = RULES.map((rule) => `| ${rule.id} | ${rule.what} | ${heldBy(rule, tests)} |`);
  const lists = RULES.map((rule) => listOf(rule, tests)).filter((list) => list !== "");
  return `${INTRODUCTION}
| rule | what | held by |
| --- | --- | --- |
${rows.join("\n")}

${lists.join("\n")}`;
}

function heldBy(rule: Rule, tests: readonly RuleTest[]): string {
  const count = tests.filter((test) => test.rule === rule.id).length;
  if (count > 0) return `[${count} ${count === 1 ? "test" : "tests"}](#${rule.id.toLowerCase()})`;
  return rule.later === undefined ? "nothing" : `not yet: ${rule.later}`;
}

function listOf(rule: Rule, tests: readonly RuleTest[]): string {
  const own = tests.filter((test) => test.rule === rule.id);
  const lines = [...new Set(own.map(({ file }) => file))].map((file) => {
    const names = own.filter((test) => test.file === file).map(({ name }) => `  - ${name}`);
    return `- ${file}\n${names.join("\n")}`;
  });
  return lines.length === 0 ? "" : `## ${rule.id}\n${lines.join("\n")}\n`;
}

export const SPEC_PATH = join(ROOT, "test", "SPEC.md");

if (process.argv[1] === import.meta.filename) writeFileSync(SPEC_PATH, specPage(ruleTests()));
