import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type Called, mapped } from "../../client/called.ts";
import { Client } from "../../client/client.ts";
import { secretsOf } from "../../domain/secrets.ts";
import { commandOf, EXIT_REFUSED, EXIT_USAGE } from "../command.ts";
import type { FileFlaw } from "../shared/document/read-document.ts";
import { paintFor } from "../shared/output/paint.ts";
import { inOneLine, inWords, isTokenRefused } from "../shared/output/trouble.ts";
import { type Plan, planFor } from "./plan.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";
import { shownPlan } from "./shown.ts";
import { isTrouble, type ApplyStep, subjectOf } from "./step.ts";
import { type Wishes, wishesIn } from "./wishes.ts";

const EXIT_NOT_CHANGED = 1;
const EXIT_NOT_READ = 4;
const EXIT_DIFFERS = 5;
const MAX_FILE_BYTES = 4 * 1_048_576;

const complain = (why: string): void => {
  process.stderr.write(`parallax apply: ${why}\n`);
};

const textOf = (file: string): string | undefined => {
  try {
    const text = readFileSync(file === "-" ? 0 : file, "utf8");
    if (text.length <= MAX_FILE_BYTES) return text;
    complain(`${file} is longer than ${MAX_FILE_BYTES} bytes`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const name = file === "-" ? "stdin" : file;
    complain(
      code === "EISDIR" ? `${name} is a directory: name a file` : `${name} cannot be read: ${message}`,
    );
  }
  return undefined;
};

const shownFlaw = (file: string, { line, field, message }: FileFlaw): string => {
  const place = [file === "-" ? "stdin" : file, ...(line === undefined ? [] : [line])].join(":");
  return `${place}: ${field === "" ? "" : `${field} `}${inOneLine(message)}`;
};

/** The file's wishes; undefined where the file cannot be read, after the reasons were printed. */
const wishesOf = (file: string): Wishes | undefined => {
  const text = textOf(file);
  if (text === undefined) return undefined;
  const wishes = wishesIn(text, process.env);
  if (!Array.isArray(wishes)) return wishes;
  for (const flaw of wishes) process.stderr.write(`${shownFlaw(file, flaw)}\n`);
  return undefined;
};

/** Removes secrets from an answer's text: an answer about a request may repeat the request. */
const discreet = (text: string, { targets }: Wishes): string =>
  targets
    .flatMap(({ config }) => [...secretsOf(config).values()])
    .filter((value) => value.length > 3)
    .reduce((shown, value) => shown.replaceAll(value, "…"), text);

const DONE: Record<ApplyStep["kind"], string> = { create: "created", change: "changed", delete: "deleted" };

const carryOut = async (client: Client, step: ApplyStep): Promise<Called<string[]>> => {
  if (step.kind === "delete") {
    const condition = { ifMatch: step.etag };
    const called = await (step.of === "target"
      ? client.targets.delete(step.place, condition)
      : client.groups.delete(step.group, condition));
    return mapped(called, () => []);
  }
  const condition = step.kind === "change" ? { ifMatch: step.etag } : {};
  if (step.of === "group")
    return mapped(await client.groups.put(step.group, step.config, condition), ({ group }) => group.warnings);
  return mapped(
    await client.targets.put(step.place, step.config, condition),
    ({ target }) => target.warnings,
  );
};

/** Carries the steps out one after the other. A failure is printed and does not stop the rest. */
const carryOutAll = async (client: Client, { steps }: Plan, wishes: Wishes): Promise<number> => {
  let code = 0;
  for (const step of steps) {
    const called = await carryOut(client, step);
    if (called.kind === "ok") {
      process.stdout.write(`${DONE[step.kind]} ${subjectOf(step)}\n`);
      for (const warning of called.value) process.stdout.write(`  warning: ${inOneLine(warning)}\n`);
      continue;
    }
    const isChanged = called.kind === "refused" && called.status === 412;
    const why = isChanged ? "somebody else changed it meanwhile: run again to see" : inWords(called);
    complain(`${subjectOf(step)} was not ${DONE[step.kind]}: ${discreet(why, wishes)}`);
    if (isTokenRefused(called)) return EXIT_REFUSED;
    code = EXIT_NOT_CHANGED;
  }
  return code;
};

const isAgreed = async ({ yes, dryRun }: Settings): Promise<boolean> => {
  if (yes || dryRun) return yes;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    complain("nothing was changed: there is nobody to ask, so give --yes");
    return false;
  }
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await new Promise<string>((resolve) => {
    asking.once("close", () => resolve(""));
    asking.question("Apply? [y/N] ", resolve);
  });
  asking.close();
  return /^y(es)?$/i.test(answer.trim());
};

const work = async (settings: Settings): Promise<number> => {
  const wishes = wishesOf(settings.file);
  if (wishes === undefined) return EXIT_USAGE;
  const client = new Client(settings.url, settings.token, settings.timeoutMs);
  const plan = await planFor(client, wishes, settings);
  if (isTrouble(plan)) {
    complain(discreet(inWords(plan), wishes));
    return isTokenRefused(plan) ? EXIT_REFUSED : EXIT_NOT_READ;
  }
  process.stdout.write(shownPlan(plan, paintFor(process.stdout.isTTY, process.env)));
  if (plan.steps.length === 0) return 0;
  if (!(await isAgreed(settings))) return EXIT_DIFFERS;
  return carryOutAll(client, plan, wishes);
};

export const apply = commandOf({
  name: "apply",
  summary: "make the detector watch what a file says, with a diff first",
  usage: USAGE,
  parse: parseSettings,
  work,
});
