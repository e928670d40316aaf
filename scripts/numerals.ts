/**
 * Numbers as prose has them, and how another is written in their place in the same form: "30 s" and "ten seconds" for a time,
 * "3 %", "a fifth" and "nine times in ten" for a share, "twice", "three" and "0.999" for the rest. Times are in milliseconds.
 */
const WORDS = [
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];
const UNITS_MS = {
  ms: 1,
  s: 1_000,
  second: 1_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
};
const FRACTIONS = {
  half: 1 / 2,
  "a third": 1 / 3,
  "two thirds": 2 / 3,
  "a quarter": 1 / 4,
  "three quarters": 3 / 4,
  "a fifth": 1 / 5,
  "two fifths": 2 / 5,
  "three fifths": 3 / 5,
  "four fifths": 4 / 5,
  "a sixth": 1 / 6,
  "an eighth": 1 / 8,
  "a tenth": 1 / 10,
};

const DIGITS = String.raw`\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?`;
const WORD = WORDS.join("|");
const TIMES = `once|twice|(?:${WORD}) times`;

/** Whether two numbers differ no more than two ways of computing the same value. */
const isSame = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.abs(b);

const inDigits = (value: number): string | null => {
  const digits = value.toLocaleString("en", { maximumFractionDigits: 6 });
  return isSame(Number(digits.replaceAll(",", "")), value) ? digits : null;
};

const inWords = (value: number): string | null => WORDS.find((_, index) => isSame(index + 1, value)) ?? null;

const inTimes = (value: number): string | null => {
  if (isSame(value, 1)) return "once";
  if (isSame(value, 2)) return "twice";
  const word = inWords(value);
  return word === null ? null : `${word} times`;
};

const like = (written: string): ((value: number) => string | null) =>
  /^\d/.test(written) ? inDigits : / times$|^(once|twice)$/.test(written) ? inTimes : inWords;

type Parts = Record<string, string>;

interface Form {
  /** What it looks like. */
  pattern: string;
  isTime?: true;
  /** Another number in the form of the one that was found; null if the form has no word for it. */
  write: (value: number, found: Parts) => string | null;
}

/** A form that a later one would match in part comes before it. */
const FORMS: readonly Form[] = [
  {
    pattern: `(?<count>${DIGITS}|${WORD})(?<gap> ?)(?:(?<unit>ms|s|min|h)|(?<spelled>second|minute|hour)s?)`,
    isTime: true,
    write: (value, { count = "", gap = "", unit = "", spelled = "" }) => {
      const ms = UNITS_MS[(unit + spelled) as keyof typeof UNITS_MS];
      const written = like(count)(value / ms);
      const many = spelled === "" || value === ms ? "" : "s";
      return written === null ? null : `${written}${gap}${unit}${spelled}${many}`;
    },
  },
  {
    pattern: `(?<count>${DIGITS})(?<gap> ?)%`,
    write: (value, { gap = "" }) => {
      const written = inDigits(100 * value);
      return written === null ? null : `${written}${gap}%`;
    },
  },
  {
    pattern: `(?<count>${TIMES}|${WORD}) in (?<whole>ten|twelve)`,
    write: (value, { count = "", whole = "" }) => {
      const written = value < 1 ? like(count)(value * (WORDS.indexOf(whole) + 1)) : null;
      return written === null ? null : `${written} in ${whole}`;
    },
  },
  {
    pattern: Object.keys(FRACTIONS).join("|"),
    write: (value) => Object.entries(FRACTIONS).find(([, share]) => isSame(share, value))?.[0] ?? null,
  },
  { pattern: `(?<count>${TIMES}|${DIGITS}|${WORD})`, write: (value, { count = "" }) => like(count)(value) },
];

const AT_END = FORMS.map((form) => ({
  ...form,
  pattern: new RegExp(`(?<![\\w.,-])(?:${form.pattern})$`, "i"),
}));

/** A number at the end of a text. */
export interface Numeral {
  /** The text itself. */
  text: string;
  isTime: boolean;
  /** Another number in its form; null where the form has no word for it. */
  as: (value: number) => string | null;
}

/** The number that a text ends with, or null. */
export const numeralAtEnd = (text: string): Numeral | null => {
  for (const { pattern, isTime = false, write } of AT_END) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const parts = Object.fromEntries(
      Object.entries(found.groups ?? {}).map(([name, part]) => [name, (part ?? "").toLowerCase()]),
    );
    const [whole] = found;
    const isCapital = /^[A-Z]/.test(whole);
    const as = (value: number): string | null => {
      const written = write(value, parts);
      return written !== null && isCapital ? written.replace(/^./, (first) => first.toUpperCase()) : written;
    };
    return { text: whole, isTime, as };
  }
  return null;
};
