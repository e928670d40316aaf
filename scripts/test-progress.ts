import { MinimalReporter, type TestCase, type TestModule, type TestSpecification } from "vitest/node";
import { orderOf, PHASES, type Phase } from "./test-phases.ts";

const EVERY_MS = 10_000;

interface Tally {
  files: number;
  done: number;
  tests: number;
  failed: number;
  beganMs: number;
}

const clock = (ms: number): string => {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

const filesOf = ({ files }: Tally): string => (files === 1 ? "1 file" : `${files} files`);

/**
 * Says in plain lines, on a terminal as in a log, what runs now, how far it is and about how long it takes. Beside that it prints
 * failures, and the summary at the end.
 */
export default class Progress extends MinimalReporter {
  readonly #tallies = new Map<Phase, Tally>();
  #beganMs = 0;
  #timer: NodeJS.Timeout | undefined;

  override onTestRunStart(specifications: readonly TestSpecification[]): void {
    super.onTestRunStart(specifications);
    this.#beganMs = performance.now();
    this.#tallies.clear();
    for (const phase of PHASES) {
      const files = specifications.filter(({ project }) => phase.projects.includes(project.name)).length;
      if (files > 0) this.#tallies.set(phase, { files, done: 0, tests: 0, failed: 0, beganMs: 0 });
    }
    const aboutS = [...this.#tallies.keys()].reduce((sum, phase) => sum + phase.aboutS, 0);
    this.log(`About ${aboutS} s on two idle cores, one after another:`);
    for (const [{ what, aboutS: seconds }, tally] of this.#tallies)
      this.log(`  ${what}: ${filesOf(tally)}, about ${seconds} s`);
    this.#timer = setInterval(() => this.#sayHowFar(), EVERY_MS).unref();
  }

  override onTestModuleQueued(module: TestModule): void {
    super.onTestModuleQueued(module);
    const tally = this.#tallyOf(module);
    if (tally === undefined || tally.beganMs > 0) return;
    tally.beganMs = performance.now();
    const phase = PHASES[orderOf(module.project.name)];
    this.#say(`${phase?.what} (about ${phase?.aboutS} s) ...`);
  }

  override onTestCaseResult(test: TestCase): void {
    super.onTestCaseResult(test);
    const tally = this.#tallyOf(test.module);
    if (tally === undefined) return;
    tally.tests++;
    if (test.result().state === "failed") tally.failed++;
  }

  override onTestModuleEnd(module: TestModule): void {
    super.onTestModuleEnd(module);
    const tally = this.#tallyOf(module);
    if (tally === undefined) return;
    tally.done++;
    if (tally.done < tally.files) return;
    const took = Math.round((performance.now() - tally.beganMs) / 1_000);
    this.#say(`${this.#whatOf(module)}: done in ${took} s, ${tally.tests} tests, ${tally.failed} failed`);
  }

  override onTestRunEnd(...ended: Parameters<MinimalReporter["onTestRunEnd"]>): void {
    clearInterval(this.#timer);
    super.onTestRunEnd(...ended);
  }

  #tallyOf(module: TestModule): Tally | undefined {
    const phase = PHASES[orderOf(module.project.name)];
    return phase === undefined ? undefined : this.#tallies.get(phase);
  }

  #whatOf(module: TestModule): string {
    return PHASES[orderOf(module.project.name)]?.what ?? module.project.name;
  }

  #sayHowFar(): void {
    for (const [{ what }, { files, done, tests, failed, beganMs }] of this.#tallies)
      if (beganMs > 0 && done < files)
        this.#say(`${what}: ${tests} tests, ${failed} failed; ${done} of ${files} files done`);
  }

  #say(line: string): void {
    this.log(`[${clock(performance.now() - this.#beganMs)}] ${line}`);
  }
}
