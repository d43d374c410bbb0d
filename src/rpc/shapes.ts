import type { DescMessage } from "@bufbuild/protobuf";

/** What is known of how messages of a type are read. */
export interface Shape {
  /** Separate from the constructor: a message may be within itself. */
  learn(desc: DescMessage): void;
}

/** Of each type of messages one shape, made when it is first asked for. */
export function shapesOf<T extends Shape>(make: new (desc: DescMessage) => T): (desc: DescMessage) => T {
  const shapes = new WeakMap<DescMessage, T>();
  return (desc) => {
    const known = shapes.get(desc);
    if (known !== undefined) return known;
    const shape = new make(desc);
    shapes.set(desc, shape);
    shape.learn(desc);
    return shape;
  };
}
