/** What the package's command has in place of protobuf-es's base64 is what protobuf-es makes of it. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import { type DescFile, equals } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { decodedText } from "../../../scripts/bundle-descriptors.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

test.each(globSync("src/gen/**/*_pb.ts", { cwd: ROOT }))("%s", async (file) => {
  const path = join(ROOT, file);
  const base64 = /\bfileDesc\(\s*"([\w+/=]*)"/.exec(readFileSync(path, "utf8"))?.[1] as string;
  const exported: Record<string, unknown> = await import(path);
  const [desc] = Object.entries(exported).flatMap(([name, value]) => (name.startsWith("file_") ? [value] : []));
  const { proto } = desc as DescFile;
  const made = runInThisContext(decodedText(base64)) as FileDescriptorProto;
  made.dependency = proto.dependency;
  expect(equals(FileDescriptorProtoSchema, made, proto)).toBe(true);
  // What is not set has its default, and can still be told from what is.
  const [field, theirs] = [made, proto].map(({ messageType }) => messageType[0]?.field[0]);
  expect(field?.defaultValue).toBe(theirs?.defaultValue);
  expect(Object.keys(field ?? {}).sort()).toEqual(Object.keys(theirs ?? {}).sort());
});
