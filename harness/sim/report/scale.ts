/** A logarithmic axis: from values to places on a picture. */
export interface Scale {
  place(value: number): number;
  /** 1, 2 and 5 times each power of ten within the axis. */
  ticks: readonly number[];
}

const STEPS = [1, 2, 5];

/** Covers `values`, all above 0, with some room; `from` and `to` are the places of its ends. */
export const logScale = (values: readonly number[], from: number, to: number): Scale => {
  const low = Math.log10(Math.min(...values)) - 0.1;
  const high = Math.log10(Math.max(...values)) + 0.1;
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= high; power++)
    for (const step of STEPS) {
      const at = Math.log10(step) + power;
      if (low <= at && at <= high) ticks.push(step * 10 ** power);
    }
  return {
    place: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks,
  };
};

/** A tick's number without the noise of binary fractions. */
export const tickText = (value: number): string => String(Number(value.toPrecision(1)));
