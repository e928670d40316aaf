// The demo at a reader's pace: it announces each step and what to look at, waits, and then explains the result and what to try.
import { wrapped } from "../../../src/cli/watch/wrap.ts";
import type { Result } from "../play.ts";
import { bold, dim, print, showing } from "../screen.ts";
import type { Step, StepName } from "../steps.ts";
import { DRILL_MS, type World } from "../world.ts";
import { openPage } from "./browser.ts";
import { type Commands, commandsAt } from "./commands.ts";
import { CUT_LESSONS } from "./cut-lessons.ts";
import { openKeys } from "./keys.ts";
import type { Lesson, Trial } from "./lesson.ts";
import { PROCESS_LESSONS } from "./process-lessons.ts";
import { type Standing, standingOf, takeBack } from "./trials.ts";

const COLUMNS_MAX = 100;
const COLUMNS_MIN = 40;
/** As wide as text is read well, and narrower where the terminal is. One that does not know its width says 0. */
const COLUMNS = Math.max(COLUMNS_MIN, Math.min(COLUMNS_MAX, process.stdout.columns || COLUMNS_MAX));
const INDENT = "      ";
const EXIT_INTERRUPTED = 130;

export const LESSONS: Record<StepName, Lesson> = { ...PROCESS_LESSONS, ...CUT_LESSONS };

const say = (text: string, first = INDENT): void => {
  const [line = "", ...more] = wrapped(text, COLUMNS - INDENT.length);
  print(first + line);
  for (const one of more) print(INDENT + one);
};

/** Each command is on one line, however long, so that it can be copied. */
const sayCommand = (command: string): void => print(`${INDENT}  $ ${command}`);

const sayTrial = ({ what, command, page }: Trial): void => {
  say(what, "    · ");
  if (command !== undefined) sayCommand(command);
  if (page !== undefined) print(`${INDENT}  ${page}`);
};

const welcome = (commands: Commands, url: string, isOpened: boolean): void => {
  print();
  print(bold("A tour: it waits at each step, for as long as you like."));
  say(
    `While it waits, nothing is broken but what was shown last, and that stays so. Only a cut network ends by itself, after ${DRILL_MS / 60_000} minutes. What you try is taken back before the next step; groups stay.`,
  );
  say(
    `${isOpened ? "Your browser was asked to open" : "Open"} the page; the name stays empty, the password is local-read:`,
  );
  print(`${INDENT}  ${commands.page()}`);
  say("In a second terminal, in any folder, a table that changes as things do (Ctrl-C ends it):");
  sayCommand(`curl -fsSO ${url}/cli.mjs`);
  sayCommand(commands.program("watch"));
};

const announce = (world: World, commands: Commands, step: Step, title: string): void => {
  const { will, look } = LESSONS[step.name];
  print();
  print(`${INDENT}${bold(`${title}: ${step.title}`)}`);
  say(will(world));
  say("Look at the page and the table meanwhile, or ask:");
  print(`${INDENT}  ${commands.page(step.key)}`);
  sayCommand(commands.program("watch"));
  for (const command of look(commands)) sayCommand(command);
};

/** Opens the tour. Its prompts are answered on stdin. */
export const openTour = async (world: World, steps: readonly Step[], opens: boolean) => {
  const { url } = world.detector.api;
  const commands = commandsAt(url);
  const stoodAt = new Map<StepName, string>();
  // The started processes end with this process, as on any signal.
  const keys = openKeys(process.stdin, () => process.exit(EXIT_INTERRUPTED));
  let standing: Standing | undefined;
  const ask = async (): Promise<boolean> => {
    standing = await standingOf(world);
    world.poller.isResting = true;
    // The last step of all: from here on a key is an answer.
    print();
    print(dim(`${INDENT}── ${keys.hint} ──`));
    const goesOn = await keys.goOn();
    world.poller.isResting = false;
    return goesOn;
  };
  const tidy = async (before: Standing): Promise<void> => {
    const { count, isAsBefore } = await showing(() => "taking back what you tried", takeBack(world, before));
    if (count > 0) say(`Taken back: ${count} of what you tried.`);
    if (!isAsBefore) say("Not all is as it was before that; the next step may show it.");
  };
  const explain = ({ step, verdict }: Result): void => {
    const now = new Date();
    if (verdict?.asOf) stoodAt.set(step.name, verdict.asOf);
    const { why, tries } = LESSONS[step.name];
    print();
    say(why);
    print();
    say("Try:");
    for (const trial of tries({ commands, stoodAt, now })) sayTrial(trial);
  };
  welcome(commands, url, opens && (await openPage(commands.page())));
  return {
    begin: async (): Promise<boolean> => {
      const [first] = steps;
      if (first !== undefined) announce(world, commands, first, "First");
      return ask();
    },
    stay: async (result: Result, next: Step | undefined): Promise<boolean> => {
      explain(result);
      if (next !== undefined) announce(world, commands, next, "Next");
      else {
        print();
        say("That was the last step. The detector and its nodes run until you go on, and end then.");
      }
      const goesOn = await ask();
      if (goesOn && standing !== undefined) await tidy(standing);
      return goesOn;
    },
    close: keys.close,
  };
};
