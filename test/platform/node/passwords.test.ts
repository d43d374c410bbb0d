import { expect, onTestFinished, test } from "vitest";
import { ThreadPasswords } from "../../../src/platform/node/auth/passwords.ts";
import { LOCAL_PASSWORDS, newSalt, nobodysHash } from "../../../src/rpc/passwords.ts";

function threadPasswords(): ThreadPasswords {
  const passwords = new ThreadPasswords();
  onTestFinished(() => passwords.close());
  return passwords;
}

test("AU3: the thread's hashes are those of this one", async () => {
  const passwords = threadPasswords();
  const salt = newSalt(4);
  const hash = await passwords.hash("pässword", salt);
  expect(hash).toBe(await LOCAL_PASSWORDS.hash("pässword", salt));
  expect(hash).toMatch(/^\$2a\$04\$.{53}$/);
  expect(await passwords.matches("pässword", hash)).toBe(true);
  expect(await passwords.matches("password", hash)).toBe(false);
  expect(await LOCAL_PASSWORDS.matches("pässword", hash)).toBe(true);
});

test("AU3: salts differ, and nobody's hash is nobody's", async () => {
  expect(new Set(Array.from({ length: 100 }, () => newSalt(10))).size).toBe(100);
  expect(await threadPasswords().matches("", nobodysHash(4))).toBe(false);
});

test("AU3: this thread goes on while the other is at work", async () => {
  const passwords = threadPasswords();
  await passwords.hash("p", newSalt(4));
  let isDone = false;
  const hashing = passwords.hash("p", newSalt(9)).then(() => {
    isDone = true;
  });
  let turns = 0;
  while (!isDone) {
    turns++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await hashing;
  expect(turns).toBeGreaterThan(5);
});

test("AU3: a job that cannot be done fails alone", async () => {
  const passwords = threadPasswords();
  await expect(passwords.hash("p", "$2a$99$no salt")).rejects.toThrow(/rounds/);
  expect(await passwords.matches("p", await passwords.hash("p", newSalt(4)))).toBe(true);
});

test("AU3: what is under way fails when the thread is closed, and another is started then", async () => {
  const passwords = threadPasswords();
  const hashing = passwords.hash("p", newSalt(14));
  const failed = expect(hashing).rejects.toThrow("the thread for passwords has ended");
  await passwords.close();
  await failed;
  expect(await passwords.hash("p", newSalt(4))).toMatch(/^\$2a\$04\$/);
});
