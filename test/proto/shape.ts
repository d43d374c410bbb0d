import type { DescEnum, DescField, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";

/**
 * Everything of some descriptors that a client can see, a line for each
 * element: full name to what defines it. Flat, so that a difference between two
 * shapes reads as the elements that differ. Files and comments are left out:
 * they are neither on the wire nor in JSON.
 */
export type Shape = Record<string, string>;

export function shapeOf(files: Iterable<DescFile>): Shape {
  const shape: Shape = {};
  for (const file of files) {
    for (const message of file.messages) addMessage(shape, message);
    for (const enumeration of file.enums) addEnum(shape, enumeration);
    for (const service of file.services) addService(shape, service);
  }
  return shape;
}

function addMessage(shape: Shape, message: DescMessage): void {
  const { reservedName, reservedRange } = message.proto;
  shape[`message ${message.typeName}`] = reserved(reservedName, reservedRange);
  for (const field of message.fields) {
    shape[`field ${message.typeName}.${field.name}`] = describeField(field);
  }
  for (const nested of message.nestedMessages) addMessage(shape, nested);
  for (const nested of message.nestedEnums) addEnum(shape, nested);
}

function addEnum(shape: Shape, enumeration: DescEnum): void {
  const { reservedName, reservedRange } = enumeration.proto;
  const openness = enumeration.open ? "open" : "closed";
  shape[`enum ${enumeration.typeName}`] = `${openness} ${reserved(reservedName, reservedRange)}`;
  for (const value of enumeration.values) {
    shape[`value ${enumeration.typeName}.${value.name}`] = `${value.number}`;
  }
}

function addService(shape: Shape, service: DescService): void {
  shape[`service ${service.typeName}`] = "";
  for (const method of service.methods) {
    shape[`rpc ${service.typeName}/${method.name}`] =
      `${method.methodKind} ${method.input.typeName} -> ${method.output.typeName}`;
  }
}

function describeField(field: DescField): string {
  return [
    `#${field.number}`,
    typeName(field),
    `json=${field.jsonName}`,
    `presence=${field.presence}`,
    ...(field.oneof ? [`oneof=${field.oneof.name}`] : []),
    ...(field.fieldKind === "list" ? [`packed=${field.packed}`] : []),
  ].join(" ");
}

function typeName(field: DescField): string {
  switch (field.fieldKind) {
    case "scalar":
      return ScalarType[field.scalar];
    case "enum":
      return field.enum.typeName;
    case "message":
      return field.message.typeName;
    case "list":
      return `repeated ${elementName(field)}`;
    case "map":
      return `map ${ScalarType[field.mapKey]} to ${elementName(field)}`;
  }
}

function elementName(field: DescField & { fieldKind: "list" | "map" }): string {
  if (field.message) return field.message.typeName;
  if (field.enum) return field.enum.typeName;
  return ScalarType[field.scalar as ScalarType];
}

function reserved(names: string[], ranges: { start: number; end: number }[]): string {
  const numbers = ranges.map(({ start, end }) => `${start}-${end}`);
  const all = [...names, ...numbers].sort();
  return all.length === 0 ? "" : `reserved ${all.join(" ")}`;
}
