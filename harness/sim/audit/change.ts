/** What the audit changes: each rule off, each number halved and doubled. */
import { NUMBERS_OF_JUDGE, RULE_NAMES, type Tuning, type Variant } from "./judged.ts";

/** A number of the tuning; of a list, each element: `name[0]`. */
export interface Numbered {
  name: string;
  value: number;
  /** The tuning's part with this number in its place. */
  with: (value: number) => Partial<Tuning>;
}

type Part = number | readonly Part[] | { readonly [name: string]: Part };

/** Every number within a part, and the part again with another in its place. */
const numbersIn = (
  name: string,
  part: Part,
): { name: string; value: number; put: (to: number) => Part }[] => {
  if (typeof part === "number") return [{ name, value: part, put: (to) => to }];
  if (Array.isArray(part))
    return part.flatMap((one: Part, at) =>
      numbersIn(`${name}[${at}]`, one).map(({ put, ...rest }) => ({
        ...rest,
        put: (to: number): Part => part.with(at, put(to)) as Part[],
      })),
    );
  return Object.entries(part as Record<string, Part>).flatMap(([key, one]) =>
    numbersIn(`${name}.${key}`, one).map(({ put, ...rest }) => ({
      ...rest,
      put: (to: number): Part => ({ ...(part as Record<string, Part>), [key]: put(to) }),
    })),
  );
};

/** Every number of the judge, in its order. */
export const NUMBERS: readonly Numbered[] = Object.entries(NUMBERS_OF_JUDGE).flatMap(([key, part]) =>
  numbersIn(key, part as Part).map(({ name, value, put }) => ({
    name,
    value,
    with: (to) => ({ [key]: put(to) }) as Partial<Tuning>,
  })),
);

/** Without what halves and doubles leave at the end of decimals. */
const tidy = (value: number): number => Number(value.toPrecision(12));

/** Names of what is no count, however whole it is. */
const NO_COUNT = /(?:Ms|Factor|Growth|Share|Nats)$/;

const isChance = (value: number): boolean => value > 0.5 && value < 1;

const isCount = ({ name, value }: Numbered): boolean => Number.isInteger(value) && !NO_COUNT.test(name);

/** Half of it: of a count rounded down, at least one less; of a chance near 1 half of what it lacks. */
export const halved = (number: Numbered): number => {
  const { value } = number;
  if (isChance(value)) return tidy(1 - (1 - value) / 2);
  if (!isCount(number)) return tidy(value / 2);
  return Math.min(Math.max(1, Math.floor(value / 2)), value - 1);
};

/** Twice it: of zero one, of a chance near 1 twice what it lacks. */
export const doubled = (number: Numbered): number => {
  const { value } = number;
  if (isChance(value)) return tidy(1 - 2 * (1 - value));
  return value === 0 ? 1 : tidy(2 * value);
};

export type Kind = "off" | "halved" | "doubled";

/** One thing to try. */
export interface Trial {
  kind: Kind;
  /** Of the rule or number. */
  name: string;
  /** What the number becomes; of a rule nothing. */
  to: number | null;
  variant: Variant;
}

const trialOf = (kind: Kind, number: Numbered, to: number): Trial => ({
  kind,
  name: number.name,
  to,
  variant: { numbers: number.with(to) },
});

/** Everything, in the order of the page. */
export const TRIALS: readonly Trial[] = [
  ...RULE_NAMES.map((name): Trial => ({ kind: "off", name, to: null, variant: { rulesOff: name } })),
  ...NUMBERS.flatMap((number) => [
    trialOf("halved", number, halved(number)),
    trialOf("doubled", number, doubled(number)),
  ]),
];
