import { globSync } from "node:fs";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vitest/config";
import {
  BaseSequencer,
  type Reporter,
  type TestCase,
  type TestModule,
  type TestSpecification,
} from "vitest/node";
import type { Variant } from "./judged.ts";

const VARIANT = JSON.parse(process.env["PARALLAX_AUDIT"] ?? "{}") as Variant;

/** The tables first, which notice most and soonest; then whole worlds. */
const WORLDS = ["settling", "refusal", "inside", "quorum", "words", "judge", "answer"];
/** These count files, or take too long to be asked so often. */
const UNASKED = ["layers", "contradiction", "replay", "belief/inference"];

/** For each rule the world in which it decides. */
const RULES_TABLE = "naming/rules";

const nameOf = (path: string): string => relative("test/verdict", path).replace(/\.test\.ts$/, "");
const FILES = globSync("test/verdict/**/*.test.ts").filter((path) => !UNASKED.includes(nameOf(path)));

const rankOf = ({ moduleId }: TestSpecification): number => {
  const name = nameOf(relative(process.cwd(), moduleId));
  return name === RULES_TABLE ? -2 : WORLDS.indexOf(name);
};

class InOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(
      files.toSorted((a, b) => rankOf(a) - rankOf(b) || a.moduleId.localeCompare(b.moduleId)),
    );
  }
}

const isNumbers = (id: string): boolean => id.endsWith("/src/verdict/tuning.ts");
const isRules = (id: string): boolean => id.endsWith("/src/verdict/naming/rules.ts");

/** The judge's two tables, changed as the variant has it, for whatever test reads them. */
const changed: Plugin = {
  name: "variant",
  // What another variant left in the cache is not this one.
  configureVitest: ({ defineCacheKeyGenerator }) =>
    defineCacheKeyGenerator(({ id }) => (isNumbers(id) || isRules(id) ? false : undefined)),
  transform(code, id) {
    const { numbers, rulesOff } = VARIANT;
    if (isNumbers(id) && numbers !== undefined)
      return `${code}\nObject.assign(TUNING, ${JSON.stringify(numbers)});\n`;
    if (isRules(id) && rulesOff !== undefined)
      return `${code}\nRULES.splice(RULES.findIndex(({ name }) => name === ${JSON.stringify(rulesOff)}), 1);\n`;
    return null;
  },
};

/** Says on one line, for a program, which test failed first. */
class FirstFailed implements Reporter {
  #noticed: string | null = null;

  onTestCaseResult(test: TestCase): void {
    if (test.result().state === "failed") this.#note(test.module, test.fullName);
  }

  /** Of what broke outside of any test. */
  onTestModuleEnd(module: TestModule): void {
    const [error] = module.errors();
    if (error !== undefined) this.#note(module, error.message);
  }

  onTestRunEnd(): void {
    const { user, system } = process.cpuUsage();
    const said = { noticed: this.#noticed, cpuS: (user + system) / 1e6 };
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }

  #note({ moduleId }: TestModule, what: string): void {
    this.#noticed ??= `${basename(moduleId, ".test.ts")}: ${what.split("\n")[0]}`;
  }
}

// One thread and one copy of the code: a variant is one of many, and several are tried at the same time.
export default defineConfig({
  plugins: [changed],
  test: {
    include: FILES,
    root: process.cwd(),
    environment: "node",
    setupFiles: [fileURLToPath(new URL("setup.ts", import.meta.url))],
    pool: "threads",
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
    bail: 1,
    // Whoever takes a rule away is told so by the page, which says nothing of what it is for.
    testNamePattern: /^(?!the rules stand in the docs)/,
    testTimeout: 60_000,
    reporters: [new FirstFailed()],
    sequence: { sequencer: InOrder },
  },
});
