/** The list of open calls against a Set, which it stands for. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Linked, LinkedList } from "../../../src/platform/node/grpc/linked-list.ts";

class Item implements Linked<Item> {
  previous: Item | undefined;
  next: Item | undefined;
}

test("it holds what was added and not deleted, the newest first", () => {
  const toggles = fc.array(fc.nat({ max: 9 }), { maxLength: 60 });
  fc.assert(
    fc.property(toggles, (indexes) => {
      const items = Array.from({ length: 10 }, () => new Item());
      const list = new LinkedList<Item>();
      const model = new Set<Item>();
      for (const index of indexes) {
        const item = items[index] as Item;
        if (model.delete(item)) {
          list.delete(item);
          expect(item).toEqual(new Item());
        } else {
          model.add(item);
          list.add(item);
        }
        expect(list.toArray().map((held) => items.indexOf(held))).toEqual(
          [...model].reverse().map((held) => items.indexOf(held)),
        );
      }
    }),
  );
});
