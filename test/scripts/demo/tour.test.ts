import { PassThrough } from "node:stream";
import { describe, expect, it, test, vi } from "vitest";
import { parseOptions, USAGE } from "../../../scripts/demo/options.ts";
import { STEPS } from "../../../scripts/demo/steps.ts";
import { openerOf, openPage } from "../../../scripts/demo/tour/browser.ts";
import { commandsAt } from "../../../scripts/demo/tour/commands.ts";
import { type Input, openKeys } from "../../../scripts/demo/tour/keys.ts";
import { LESSONS } from "../../../scripts/demo/tour/tour.ts";

const never = (): void => expect.unreachable("nothing was to be interrupted");

describe("the demo's arguments", () => {
  const whole = { help: false, tour: false, steps: 12, opens: false };
  it.each([
    [[], whole],
    [["--tour"], { ...whole, tour: true, opens: true }],
    [["--tour", "--no-open", "--steps", "2"], { ...whole, tour: true, steps: 2 }],
    [["--help"], { ...whole, help: true }],
  ])("%j are understood", (args, options) => expect(parseOptions(args, 12)).toEqual(options));

  it.each([
    [["--tuor"], "--tuor"],
    [["tour"], "tour"],
    [["--steps", "0"], "--steps must be a whole number from 1 to 12"],
    [["--steps", "13"], "--steps must be a whole number from 1 to 12"],
    [["--steps", "two"], "--steps must be a whole number from 1 to 12"],
    [["--no-open"], "--no-open goes with --tour"],
  ])("%j are refused by name", (args, word) => expect(parseOptions(args, 12)).toContain(word));

  it("stand each in the help", () => {
    for (const flag of ["--tour", "--steps N", "--no-open", "--help"])
      expect(USAGE).toContain(`\n  ${flag} `);
  });
});

describe("lines in the place of keys", () => {
  const linesOf = (text: string) => openKeys(new PassThrough().end(text) as Input, never);

  it("go on one at a time, however early they came, and end with the input", async () => {
    const keys = linesOf("\nanything\n");
    expect([await keys.goOn(), await keys.goOn(), await keys.goOn()]).toEqual([true, true, false]);
  });

  it("end at a q", async () => {
    const keys = linesOf("\nq\n\n");
    expect([await keys.goOn(), await keys.goOn()]).toEqual([true, false]);
  });

  it("end at once where there is no input", async () => expect(await linesOf("").goOn()).toBe(false));
});

describe("keys on a terminal", () => {
  const terminal = () => {
    const setRawMode = vi.fn();
    const input: Input = Object.assign(new PassThrough(), { isTTY: true, setRawMode });
    const interrupt = vi.fn();
    return { input, setRawMode, interrupt, keys: openKeys(input, interrupt) };
  };

  it.each([
    ["a", true],
    ["\r", true],
    ["\u001b[A", true],
    ["q", false],
    ["Q", false],
    ["q\n", false],
    ["\u0003", false],
    ["\u0004", false],
  ])("%j answers a prompt by %s", async (key, goesOn) => {
    const { input, interrupt, keys } = terminal();
    const answer = keys.goOn();
    input.push(key);
    expect(await answer).toBe(goesOn);
    expect(interrupt).not.toHaveBeenCalled();
  });

  it("do not answer a prompt that comes after them", async () => {
    const { input, interrupt, keys } = terminal();
    input.push("a");
    await new Promise((resolve) => setImmediate(resolve));
    const answer = keys.goOn();
    input.push("q");
    expect(await answer).toBe(false);
    expect(interrupt).not.toHaveBeenCalled();
  });

  it("end all while nothing is asked", async () => {
    const { input, interrupt } = terminal();
    input.push("\u0003");
    await new Promise((resolve) => setImmediate(resolve));
    expect(interrupt).toHaveBeenCalledOnce();
  });

  it("end at a terminal that goes away, and are given back at the close", async () => {
    const { input, setRawMode, keys } = terminal();
    const answer = keys.goOn();
    input.push(null);
    expect(await answer).toBe(false);
    expect(await keys.goOn()).toBe(false);
    keys.close();
    expect(setRawMode.mock.calls).toEqual([[true], [false]]);
  });
});

describe("the page", () => {
  it("is opened by a program that takes an address, and no shell", () => {
    expect(openerOf("linux", "http://a/")).toEqual(["xdg-open", "http://a/"]);
    expect(openerOf("darwin", "http://a/")).toEqual(["open", "http://a/"]);
    expect(openerOf("win32", "http://a/")[0]).toBe("rundll32");
  });

  it("is not opened where there is no such program", async () => {
    expect(await openPage("http://a/", ["/nowhere/xdg-open", "http://a/"])).toBe(false);
  });
});

test("every step has its lesson, whose commands a shell reads as they are meant", () => {
  const commands = commandsAt("http://127.0.0.1:8787");
  const scene = { commands, stoodAt: new Map(), now: new Date(0) };
  expect(STEPS.map(({ name }) => name).toSorted()).toEqual(Object.keys(LESSONS).toSorted());
  for (const { name } of STEPS) {
    const { why, look, tries } = LESSONS[name];
    expect(why, name).not.toBe("");
    const typed = [...look(commands), ...tries(scene).flatMap(({ command = [] }) => command)];
    expect(typed.length, name).toBeGreaterThan(0);
    // Outside of quotes there is no character with a meaning of its own to a shell.
    for (const command of typed) expect(command.replaceAll(/'[^']*'/g, "")).toMatch(/^[\w:/.= -]+$/);
  }
});
