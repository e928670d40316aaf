/** The page, for a reader who distrusts us. Same figures, same page but for processor times. */
import { brierText, confusionTable, reliabilityTable } from "./calibration-section.ts";
import { claimTable, unreachedLines } from "./claim-section.ts";
import type { Figures } from "./figures.ts";
import { DECEIVING, LONG_S, TIMED } from "./figures.ts";
import { command, joined } from "./markdown.ts";
import { pointTable } from "./picture-section.ts";
import { scenarioBlocks } from "./scenario-section.ts";
import { shortTable } from "./short-section.ts";
import { rivalTable, worldBlocks } from "./world-text.ts";

/** How the figures are made again. */
export interface Making {
  isFull: boolean;
  picture: string;
}

const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");

const opening = ({ first, effort }: Figures, { isFull }: Making): (string | string[])[] => [
  "# How fast and how wrong",
  [
    "Made by one command, in simulated worlds, from seeds that nothing was tuned on. Do not edit it: run the command.",
  ],
  command(`npm run sim -- --report${isFull ? " --full" : ""}`),
  [
    `This edition: ${effort.scenarios} seeds of every scenario, from seed ${first} on. A rerun gives the same page but for the columns of`,
    "processor time, which depend on the machine.",
  ],
];

const short = (figures: Figures, { picture }: Making): (string | string[])[] => [
  "## In short",
  [
    `Seconds until a crash, a silent death and a hang that last ${LONG_S / 60} minutes are called by anything that means "down"; who misses one is`,
    "counted as slower than all others, and a dash says that more were missed than the quantile forgives. Beside it, how often healthy targets were",
    `called down in ${quoted(DECEIVING)}, where nothing is down. Probes are an hour's for one target.`,
  ],
  shortTable(figures),
  [
    "Those that look every 30 or 60 s owe their few wrong downs to patience: troubles here last a minute, and are over before they notice any.",
    "Left out of the wrong downs, here and in the picture, is `provider-wide`, where all vantages lose everything at once: every rule calls everything down",
    "there, whatever its threshold. Its own table, Parallax included, is below.",
  ],
  `![Seconds until a death is called, against wrong downs, for each detector over its thresholds](${picture})`,
  [
    "Each line is one kind of rule from its most hasty to its slowest threshold; better is lower and further left. Hollow points were never wrong here,",
    `which in so many hours still allows for ${(3 / (figures.points[0]?.targetHours ?? 1)).toFixed(2)} an hour.`,
  ],
];

const HONESTY = [
  "- **Seeds.** Everyday runs and all tuning begin at seed 1; what is published begins at 1,000,001.",
  "- **Bounds.** Behind p99 stand its 95 % bounds by order statistics. A sample of less than some 600 has no upper one, and then we say `none`",
  '  rather than make one up. "0 in N" is no proof: by the rule of three it allows for 3/N, and that is printed with it.',
  "- **What counts once.** Shares of wrong confirmations are of runs, not of targets: twenty targets that share their network are one witness.",
  "- **Missed ones.** In the tables of scenarios they count as later than any other, so they push quantiles up instead of vanishing from them.",
  "- **Wrong down.** A call of a target that had not been down for 15 s before. `wrong confirmed` is the mistake that splits brains: a",
  "  confirmed `node_dead` or `process_crashed` that was false.",
  "- **Months.** 300 months of one target are some 700 million probes, too many to play. When the network loses packets is a function of the seed,",
  "  so it is read off without playing, and the whole detector runs wherever bad weather alone could bring four of the five vantages that a",
  "  quorum takes to miss a target in a row, or five at once. Fewer than five never confirm anything, which a test tries with",
  "  whatever they may see. Elsewhere two or more of the five must lose a look by pure chance; how often that is to be expected is computed from looks drawn",
  "  at random, and on moments drawn at random it is forced, to see whether the detector believes it. Both numbers are printed with the claim.",
  "- **Equal budgets.** Rules that leave the interval free may spend 3,600 probes an hour for each target, 11 % more than nine vantages every",
  "  10 s, because Parallax' bursts cost about that. Rules whose documentation fixes the interval keep it, so they spend what is printed.",
  "- **Rivals are ours.** They were written from documentation, each with its source and each simplification in their files under",
  "  `test/sim/rivals/`, and where a document leaves a choice it was made in the rival's favour. They say only up or down, so nothing they",
  "  say has a class that could be right.",
];

/** The page as Markdown. */
export const pageOf = (figures: Figures, making: Making): string =>
  joined([
    ...opening(figures, making),
    ...short(figures, making),
    "## What was promised, and what came of it",
    [
      "Measured in this edition; the promises and their bounds are older than the figures. The suite alone takes other numbers of seeds from the same first",
      "one; what stands behind one claim is played again by its scenario, with as many seeds as the table says. In the claims Parallax takes a death",
      "seen from outside for proof, without which it could hardly be wrong: the detector is `parallax-outside-proof`.",
    ],
    claimTable(figures),
    command(
      "npm run sim -- --suite claims",
      "npm run sim -- --suite claims --json",
      `npm run sim -- --suite months --first ${figures.first} --seeds ${figures.effort.claims.months}`,
      `npm run sim -- --scenario death --first ${figures.first} --seeds ${figures.effort.claims.timed} --detector parallax-outside-proof`,
      `npm run sim -- --scenario death --first ${figures.first} --seeds ${figures.effort.claims.worlds} --detector parallax-outside-proof --world pareto`,
    ),
    "### What was not reached, and why",
    unreachedLines(figures),
    "## What was simulated",
    ...worldBlocks(),
    "Who is compared:",
    rivalTable(),
    "## How honest the numbers are",
    HONESTY,
    "## Whether its beliefs are to be believed",
    [
      "Parallax over all scenarios below. Rows are what should have stood at the end, or half a minute after the first fault for targets nothing befell;",
      "columns what did.",
    ],
    confusionTable(figures),
    `${brierText(figures)} Asked every 10 s; most of these are healthy targets, which flatters the score and not the table:`,
    reliabilityTable(figures),
    "## Behind the picture",
    [
      `Deaths as in \`${TIMED}\`, ${figures.effort.timed} seeds; wrong downs over the scenarios named above, ${figures.effort.deceptive} seeds each. One point again:`,
    ],
    command(
      `npm run sim -- --scenario ${TIMED} --first ${figures.first} --seeds ${figures.effort.timed} --lasts ${LONG_S} --detector "parallax quorum 5"`,
      `npm run sim -- --scenario ${DECEIVING.join(",")} --first ${figures.first} --seeds ${figures.effort.deceptive} --detector "parallax quorum 5"`,
    ),
    pointTable(figures),
    "## Scenario by scenario",
    [
      "Times are seconds: T_D until anything is called that means trouble of this kind, `named` until the right word stands, recovery from the fault's end until",
      "`alive` again. Flips are changes of label after the first, for each case. One run told call by call: `--seed N` instead of `--first` and `--seeds`.",
      `Faults last a minute, and slow rules miss what is shorter than their patience; \`crash\`, \`death\` and \`hang\` last ${LONG_S / 60} minutes here to be fair to them.`,
    ],
    ...scenarioBlocks(figures),
  ]);
