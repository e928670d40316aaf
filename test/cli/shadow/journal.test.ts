import {
  appendFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Entry, ShadowJournal, olderOf } from "../../../src/cli/shadow/shadow-journal.ts";
import { readJournal } from "../../../src/cli/shadow/checker-reading.ts";
import { recordingOf } from "../../../src/cli/shadow/report/report-lanes.ts";
import { T0, Tape } from "./tape.ts";

let folder: string;
let file: string;
let now: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "parallax-shadow-"));
  file = join(folder, "shadow.jsonl");
  now = T0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const opened = (maxBytes = 1_048_576): ShadowJournal => {
  const journal = ShadowJournal.open({ file, maxBytes, kind: "kuma", everyMs: 5_000, now: () => now });
  if (journal instanceof ShadowJournal) return journal;
  throw new Error(JSON.stringify(journal));
};
const linesIn = (name = file) => {
  const read = readJournal(name, readFileSync(name));
  if (Array.isArray(read)) throw new Error(JSON.stringify(read));
  return read.lines;
};
const silent = (why: string): Entry => ({ kind: "silent", why });

describe("a shadow's journal", () => {
  it("goes on after an end, with the next run and from the detector's last event", () => {
    const first = opened();
    first.append([{ kind: "verdicts", id: "0-7.0", verdicts: [] }]);
    first.close();
    now += 60_000;
    const second = opened();
    expect(second.cursor).toBe("0-7.0");
    second.append([silent("gone")]);
    second.close();
    expect(linesIn().map((line) => [line.kind, "run" in line ? line.run : 0])).toEqual([
      ["shadow", 0],
      ["on", 1],
      ["verdicts", 1],
      ["on", 2],
      ["silent", 2],
    ]);
    expect(recordingOf(linesIn())?.gaps).toEqual([{ from: T0, to: T0 + 60_000 }]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each(["{", '{"kind":"silent","why":"ü', "\u00fc".repeat(10)])(
    "drops the unfinished line %j of a killed run and says how long it was",
    (torn) => {
      opened().close();
      const before = readFileSync(file, "utf8");
      appendFileSync(file, Buffer.from(torn).subarray(0, -1));
      const dropped = Buffer.byteLength(torn) - 1;
      opened().close();
      const text = readFileSync(file, "utf8");
      expect(text.startsWith(before)).toBe(true);
      expect(linesIn().at(-1)).toEqual({
        kind: "on",
        run: 2,
        at: T0,
        everyMs: 5_000,
        ...(dropped > 0 ? { dropped } : {}),
      });
    },
  );

  it("begins anew where a run was killed anywhere over its first line", () => {
    opened().close();
    const head = readFileSync(file, "utf8").split("\n")[0] ?? "";
    for (let length = 0; length <= head.length; length++) {
      writeFileSync(file, head.slice(0, length));
      opened().close();
      expect(linesIn().map(({ kind }) => kind)).toEqual(["shadow", "on"]);
    }
  });

  it.each([
    ["a token", "vpt_0123456789", "must be one JSON object, not vpt_0123456789"],
    ["a number", "7", ""],
    ["bytes", "\u0000\u0001\u00ff", "must be one JSON object"],
    ["other JSON", '{"kind":"shadow-like"}', ""],
    ["a line of another version", '{"kind":"shadow","version":2,"at":1', "must be one JSON object"],
    ["a first line that is not as it is written", '{"version":1,"kind":"shadow"}', ""],
    [
      "a first line of another's hand",
      '{"version":1,"kind":"shadow","at":1,"checker":"kuma","everyMs":1}',
      "must end with a line end",
    ],
    ["a line from the middle", '{"kind":"beat","run":1,"at":1}', ""],
    ["a long line", `{"kind":"shadow","version":1,"at":${"1".repeat(300)}`, "must be one JSON object"],
  ])("leaves a file alone that is %s without a line end, as one with it", (_, text, message) => {
    for (const name of [file, olderOf(file)]) {
      writeFileSync(name, text, "latin1");
      const refusal = ShadowJournal.open({ file, maxBytes: 1e6, kind: "kuma", everyMs: 1, now: () => now });
      expect(refusal).toMatchObject({
        flaws: [{ file: name, line: 1, message: expect.stringContaining(message) }],
      });
      expect(readFileSync(name, "latin1")).toBe(text);
      rmSync(name);
    }
  });

  it("puts no half of its own in place of another checker's", () => {
    opened().close();
    renameSync(file, olderOf(file));
    const refusal = ShadowJournal.open({ file, maxBytes: 1e6, kind: "gatus", everyMs: 1, now: () => now });
    expect(refusal).toMatchObject({ why: `${olderOf(file)} follows kuma, not gatus: name another --out` });
  });

  it("never lets time run backwards, whatever the clock is set to", () => {
    const journal = opened();
    now -= 3_600_000;
    journal.append([silent("gone")]);
    journal.close();
    expect(linesIn().map(({ at }) => at)).toEqual([T0, T0, T0]);
  });

  it("is one process's: another is told whose", () => {
    const sleeper = process.ppid;
    writeFileSync(`${file}.lock`, JSON.stringify({ pid: sleeper, startTicks: null }));
    const refusal = ShadowJournal.open({ file, maxBytes: 1e6, kind: "kuma", everyMs: 1, now: () => now });
    expect(refusal).toMatchObject({ why: expect.stringContaining(`is being written by process ${sleeper}`) });
  });

  it("has one lock by whatever link it is named, and its older half beside itself", () => {
    const [link, beside] = [join(folder, "link"), join(folder, "there")];
    mkdirSync(beside);
    const real = join(beside, "real");
    // The first run makes the file that the link names.
    symlinkSync("there/real", link);
    const named = (name: string, maxBytes = 1e6) =>
      ShadowJournal.open({ file: name, maxBytes, kind: "kuma", everyMs: 1, now: () => now });
    writeFileSync(`${real}.lock`, JSON.stringify({ pid: process.ppid, startTicks: null }));
    for (const name of [link, real])
      expect(named(name)).toMatchObject({ why: expect.stringContaining("is being written by process") });
    rmSync(`${real}.lock`);
    const journal = named(link, 400);
    if (!(journal instanceof ShadowJournal)) throw new Error(JSON.stringify(journal));
    expect(journal.append([silent("x".repeat(200))])).toBe(true);
    journal.close();
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readdirSync(beside).toSorted()).toEqual(["real", "real.1"]);
  });

  it("is no file of two names, no directory and no device", () => {
    opened().close();
    linkSync(file, join(folder, "again"));
    const text = readFileSync(file, "utf8");
    const why = (name: string) =>
      ShadowJournal.open({ file: name, maxBytes: 1e6, kind: "kuma", everyMs: 1, now: () => now });
    expect(why(file)).toMatchObject({ why: expect.stringContaining("has 2 hard links") });
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(why(folder)).toMatchObject({ why: `--out ${folder} is a directory: name a file` });
    expect(why("/dev/full")).toMatchObject({ why: "--out /dev/full is no regular file: name a file" });
  });

  it("is of one checker, and of no damaged file", () => {
    opened().close();
    const asGatus = () =>
      ShadowJournal.open({ file, maxBytes: 1e6, kind: "gatus", everyMs: 1, now: () => now });
    expect(asGatus()).toMatchObject({ why: expect.stringContaining("follows kuma, not gatus") });
    writeFileSync(file, "what\n");
    expect(asGatus()).toMatchObject({ flaws: [{ file, line: 1 }] });
    rmSync(file);
    // Neither refusal left the file locked.
    opened().close();
  });

  it("keeps two halves within its limit, and counts runs over both", () => {
    const journal = opened(2_000);
    const isNew = Array.from({ length: 60 }, (_, index) => journal.append([silent(`no. ${index}`)]));
    journal.close();
    expect(isNew.filter(Boolean).length).toBeGreaterThan(1);
    expect(statSync(file).size + statSync(olderOf(file)).size).toBeLessThan(2_200);
    expect(linesIn()[0]?.kind).toBe("shadow");
    writeFileSync(file, "");
    opened().close();
    expect(linesIn().at(-1)).toMatchObject({ kind: "on", run: 2 });
  });
});

describe("a damaged journal", () => {
  const good = new Tape().text;
  it.each([
    ["no JSON", "what\n", "", "must be one JSON object, not what"],
    ["an empty line", "\n", "", "must be one JSON object, not an empty line"],
    ["an unknown kind", '{"kind":"x","at":1}\n', "kind", "Invalid"],
    ["a field too many", '{"kind":"beat","run":1,"at":1,"x":1}\n', "", 'Unrecognized key: "x"'],
    ["a time that is none", '{"kind":"beat","run":1,"at":-1}\n', "at", "expected number to be >=0"],
    [
      "a target that is none",
      '{"kind":"pairs","run":1,"at":1,"pairs":{"a":"b"},"unmatched":[],"alone":[]}\n',
      "pairs.a",
      "must be SITE/TARGET",
    ],
    [
      "a state that is none",
      '{"kind":"checker","run":1,"at":1,"states":{"a":"up"}}\n',
      "states.a",
      "expected boolean",
    ],
  ])("of %s is told by file, line and field", (_, line, field, message) => {
    const flaws = readJournal("shadow.jsonl", Buffer.from(good + line));
    expect(flaws).toMatchObject([
      {
        file: "shadow.jsonl",
        line: good.split("\n").length,
        field,
        message: expect.stringContaining(message),
      },
    ]);
  });

  it("without its beginning is told so", () => {
    const text = good.slice(good.indexOf("\n") + 1);
    expect(readJournal("f", Buffer.from(text))).toMatchObject([
      { line: 1, field: "kind", message: expect.stringContaining("beginning of the file is missing") },
    ]);
    expect(readJournal("f", Buffer.from(""))).toMatchObject([
      { message: expect.stringContaining("is empty") },
    ]);
    expect(readJournal("f", Buffer.from('{"kind":"sha'))).toMatchObject([
      { field: "kind", message: expect.stringContaining("is unfinished") },
    ]);
    const many = readJournal("f", Buffer.from("x\n".repeat(100)));
    expect(many).toHaveLength(20);
  });
});
