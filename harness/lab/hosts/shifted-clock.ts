// Loaded before a program: the program's wall clock is off by as many milliseconds as a file says. Its monotonic clock is unchanged.
// SHIFTED_CLOCK names the file. A change of the file steps the clock of every program that reads it, as a time server does when it corrects
// a machine.
import { readFileSync } from "node:fs";

const LOOK_EVERY_MS = 50;
const file = process.env["SHIFTED_CLOCK"];
const Real = globalThis.Date;
let shiftMs = 0;

const look = (): void => {
  try {
    shiftMs = Number(readFileSync(file ?? "", "utf8"));
  } catch {
    // The file does not exist yet: the clock is not off.
  }
};

if (file !== undefined) {
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
  globalThis.Date = class extends Real {
    constructor(...given: ConstructorParameters<DateConstructor> | []) {
      if (given.length === 0) super(Real.now() + shiftMs);
      else super(...given);
    }
    static override now(): number {
      return Real.now() + shiftMs;
    }
  } as DateConstructor;
}
