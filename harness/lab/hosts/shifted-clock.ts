// Loaded before a program: its wall clock is as far off as a file says, in milliseconds. Its monotonic clock goes on as it did. The
// file is named by SHIFTED_CLOCK; who changes it steps the clock of whatever reads it, as a time server does that corrects a machine.
import { readFileSync } from "node:fs";

const LOOK_EVERY_MS = 50;
const file = process.env["SHIFTED_CLOCK"];
const Real = globalThis.Date;
let shiftMs = 0;

const look = (): void => {
  try {
    shiftMs = Number(readFileSync(file ?? "", "utf8"));
  } catch {
    // Not there yet: it is not off.
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
