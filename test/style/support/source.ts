/** The project's source files, parsed: what they import and export, their functions, their comments. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseSync } from "vite";

export const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Not ours, or made from what is. */
const SKIPPED = new Set(["node_modules", "dist", ".git", ".cache", "coverage"]);

export interface SourceFile {
  /** From the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  /** Names that others may import; a star re-export is none of them. */
  readonly exportNames: readonly string[];
  /** Those of them that are more than a type. */
  readonly exportedValues: readonly string[];
  readonly functions: readonly Span[];
  /** Exported functions and classes, wherever `export` stands. */
  readonly exported: readonly Exported[];
  /** The text with comments blanked out, line by line as it was. */
  readonly code: string;
}

export interface Import {
  /** As written: "./x.ts", "node:fs", "vitest". */
  readonly from: string;
  /** The file meant, from the root; undefined for a package. */
  readonly path: string | undefined;
  readonly names: readonly string[];
}

export interface Span {
  readonly name: string;
  readonly firstLine: number;
  readonly lines: number;
}

export interface Exported extends Span {
  readonly hasDocblock: boolean;
}

/** Files under the folders, of every kind, from the root and sorted. */
export function filesUnder(...folders: string[]): string[] {
  return folders.flatMap((folder) => walk(folder)).sort();
}

function walk(folder: string): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) files.push(...walk(path));
    else if (entry.isFile()) files.push(path);
  }
  return files;
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

export function isGenerated(path: string): boolean {
  return path.startsWith("src/gen/");
}

/** The TypeScript files under the folders that are written by hand. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  return filesUnder(...folders)
    .filter((path) => /\.tsx?$/.test(path) && !isGenerated(path))
    .map((path) => parse(path, readText(path)));
}

/** The parts of a syntax tree that are looked at; the rest is walked through. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export function parse(path: string, text: string): SourceFile {
  const { program, module, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const lineOf = lineFinder(text);
  const span = (node: Node, name: string): Span => {
    const firstLine = lineOf(node.start);
    return { name, firstLine, lines: lineOf(node.end) - firstLine + 1 };
  };
  const functions: Span[] = [];
  const groups = new Set<unknown>();
  visit(program as unknown as Node, (node, name) => {
    if (isTestGroup(node)) for (const argument of node.arguments as Node[]) groups.add(argument);
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return;
    if (!groups.has(node)) functions.push(span(node, name));
  });
  const exported: Exported[] = [];
  for (const statement of (program as unknown as { body: Node[] }).body) {
    const declaration = statement.declaration as Node | null | undefined;
    if (!/^Export(Named|Default)Declaration$/.test(statement.type) || !declaration) continue;
    if (!/^(FunctionDeclaration|ClassDeclaration)$/.test(declaration.type)) continue;
    const name = (declaration.id as { name: string } | null)?.name ?? "default";
    const hasDocblock = /\*\/\s*$/.test(text.slice(0, statement.start));
    exported.push({ ...span(statement, name), hasDocblock });
  }
  const exports = module.staticExports.flatMap(({ entries }) => entries);
  return {
    path,
    text,
    imports: importsOf(path, program as unknown as Node, module),
    exportNames: exports.flatMap(({ exportName }) => exportName.name ?? []),
    exportedValues: exports.flatMap(({ exportName, isType }) => (isType ? [] : (exportName.name ?? []))),
    functions,
    exported,
    code: blankOut(text, comments),
  };
}

/** `describe(...)`, `describe.each(...)(...)`, `describeStores(...)`: its function is a list of tests, not something that is run through. */
function isTestGroup(node: Node): boolean {
  if (node.type !== "CallExpression") return false;
  let callee = node.callee as Node;
  while (callee.type !== "Identifier" && (callee.object ?? callee.callee)) {
    callee = (callee.object ?? callee.callee) as Node;
  }
  return /^describe/.test(String(callee.name));
}

type Module = ReturnType<typeof parseSync>["module"];

function importsOf(path: string, program: Node, module: Module): Import[] {
  const imports: Import[] = [];
  const add = (from: string, names: string[]): void => {
    // What follows a question mark tells Vite how to take the file.
    const file = from.replace(/\?.*$/, "");
    const target = from.startsWith(".") ? posix.normalize(posix.join(posix.dirname(path), file)) : undefined;
    imports.push({ from, path: target, names });
  };
  for (const { moduleRequest, entries } of module.staticImports) {
    add(
      moduleRequest.value,
      entries.map(({ importName }) => importName.name ?? importName.kind),
    );
  }
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, importName } of entries) {
      if (moduleRequest !== null) add(moduleRequest.value, importName.name === null ? [] : [importName.name]);
    }
  }
  visit(program, (node) => {
    const source = node.source as { value?: unknown } | undefined;
    if (node.type === "ImportExpression" && typeof source?.value === "string") add(source.value, []);
  });
  return imports;
}

/** Visits every node with the name it is known by: a method's, a variable's, a function's own. */
function visit(node: Node, visitor: (node: Node, name: string) => void, name = "(anonymous)"): void {
  const own = node.id ?? node.key;
  const named = (own as { name?: string } | null | undefined)?.name ?? name;
  visitor(node, named);
  for (const field of Object.values(node)) {
    for (const child of Array.isArray(field) ? field : [field]) {
      if (typeof child === "object" && child !== null && "type" in child) visit(child as Node, visitor, named);
    }
  }
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    const line = starts.findLastIndex((start) => start <= offset);
    return line + 1;
  };
}

function blankOut(text: string, ranges: ReadonlyArray<{ start: number; end: number }>): string {
  let code = text;
  for (const { start, end } of ranges) {
    code = code.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, " ") + code.slice(end);
  }
  return code;
}
