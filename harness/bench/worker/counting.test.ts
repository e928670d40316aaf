import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { emptyTally } from "../tally.ts";
import { countCalls, countRows } from "./counting.ts";

const inObject = (work: (state: DurableObjectState) => Promise<void> | void): Promise<void> =>
  runInDurableObject(env.VANTAGE.get(env.VANTAGE.newUniqueId()), (_object, state) => work(state));

test("counts every row written and its text by table, an index as a row of its own, and rows read apart from them", () =>
  inObject(({ storage }) => {
    storage.sql.exec("CREATE TABLE ring (slot INTEGER PRIMARY KEY, body TEXT)");
    storage.sql.exec("CREATE TABLE named (name TEXT PRIMARY KEY, body TEXT)");
    const tally = emptyTally();
    const { sql } = countRows({ storage } as DurableObjectState, tally).storage;
    for (const slot of [1, 2, 3]) sql.exec("INSERT INTO ring VALUES (?, ?)", slot, "first");
    sql.exec("INSERT INTO ring VALUES (1, 'again') ON CONFLICT (slot) DO UPDATE SET body = excluded.body");
    sql.exec("INSERT INTO named VALUES ('a', '')");
    expect(sql.exec("SELECT * FROM ring").toArray()).toHaveLength(3);
    const readBefore = tally.rowsRead;
    expect(sql.exec("SELECT * FROM ring").toArray()).toHaveLength(3);
    sql.exec("INSERT INTO ring VALUES (4, '')");
    expect(tally.rowsRead - readBefore).toBe(6);
    sql.exec("DELETE FROM ring WHERE slot > 1");
    expect(tally.rows).toEqual({ ring: 8, named: 2 });
    expect(tally.written).toEqual({ ring: 15 });
  }));

test("counts setting and deleting an alarm as one row each, and the alarm is set", () =>
  inObject(async ({ storage }) => {
    const tally = emptyTally();
    const counted = countRows({ storage } as DurableObjectState, tally).storage;
    const at = Date.now() + 3_600_000;
    await counted.setAlarm(at);
    expect(await storage.getAlarm()).toBe(at);
    await counted.deleteAlarm();
    expect(await storage.getAlarm()).toBeNull();
    expect(tally.rows).toEqual({ alarm: 2 });
  }));

test("counts calls by method and hands arguments, results and the object through", () => {
  class Greeter {
    readonly greeting = "hello";
    greet(name: string): string {
      return `${this.greeting} ${name}`;
    }
    rest(): void {}
  }
  class Counted extends Greeter {}
  const tally = emptyTally();
  countCalls(Greeter, Counted, () => tally);
  const counted = new Counted();
  expect([counted.greet("you"), counted.greet("me")]).toEqual(["hello you", "hello me"]);
  expect(tally.calls).toEqual({ greet: 2 });
  expect(new Greeter().greet("all")).toBe("hello all");
  expect(tally.calls).toEqual({ greet: 2 });
});
