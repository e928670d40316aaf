// Reads a JSON report of vitest for a shell: node .ci/report.mjs FILE passed|failed|failures
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const [file, what] = process.argv.slice(2);
const report = JSON.parse(readFileSync(file, "utf8"));

/** The first lines of each failure, under the name of the test or of the file that did not start. */
function* failures() {
  for (const { name, message, assertionResults } of report.testResults) {
    const path = relative(process.cwd(), name);
    if (message) yield `${path}\n${indented(message)}`;
    for (const test of assertionResults) {
      if (test.status === "failed")
        yield `${path}: ${test.fullName}\n${indented(test.failureMessages.join("\n"))}`;
    }
  }
}

function indented(text) {
  return text
    .split("\n")
    .slice(0, 12)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join("\n");
}

const answers = {
  passed: () => report.numPassedTests,
  failed: () => report.numFailedTests,
  failures: () => [...failures()].map((failure) => `failed: ${failure}\n`).join(""),
};
process.stdout.write(`${answers[what]()}\n`);
