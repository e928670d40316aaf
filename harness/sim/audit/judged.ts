/** What is audited: the one module of the audit that knows where the judge keeps its rules and its numbers. */
import type { Rule } from "../../../src/verdict/naming/case.ts";
import { RULES } from "../../../src/verdict/naming/rules.ts";
import { TUNING, type Tuning } from "../../../src/verdict/tuning.ts";

export type { Tuning };

/** As they stand in the code. */
export const NUMBERS_OF_JUDGE: Tuning = { ...TUNING };
const ALL_RULES: readonly Rule[] = [...RULES];
export const RULE_NAMES: readonly string[] = ALL_RULES.map(({ name }) => name);

/** The judge with one thing otherwise; nothing otherwise where it is empty. It can be sent as text. */
export interface Variant {
  rulesOff?: string;
  numbers?: Partial<Tuning>;
}

/** Changes the judge of this whole process, for all its callers: both tables are changed in place. */
export const becomeVariant = ({ numbers, rulesOff }: Variant): void => {
  Object.assign(TUNING, NUMBERS_OF_JUDGE, numbers);
  (RULES as Rule[]).splice(0, RULES.length, ...ALL_RULES.filter(({ name }) => name !== rulesOff));
};
