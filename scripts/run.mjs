// `node scripts/run.mjs FILE …`: runs a program of this repository in this very process, unless this Node is too old for it.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { refusalOf } from "./node-version.mjs";

const PARENT_EVERY_MS = 250;

/**
 * npm hands a signal to the shell in which it runs a script. Some shells are replaced by the script, others end and leave it behind, and on
 * Windows no shell has the word `exec` that would make them all alike. So this process ends itself when it loses its parent.
 */
const endWithParent = () => {
  const parent = process.ppid;
  const look = () => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  };
  const timer = setInterval(look, PARENT_EVERY_MS);
  timer.unref();
};

const refusal = refusalOf(process.version, process.execPath);
if (refusal === undefined) {
  if (process.env.npm_lifecycle_event !== undefined) endWithParent();
  const [file = "", ...given] = process.argv.slice(2);
  process.argv.splice(1, process.argv.length, resolve(file), ...given);
  await import(pathToFileURL(resolve(file)).href);
} else {
  console.error(refusal);
  process.exitCode = 1;
}
