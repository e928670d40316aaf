/** The page, for a reader who distrusts us. The same figures give the same page. */
import { BEFORE } from "../kinds/before.ts";
import { claimTable, unreachedLines } from "./claim-section.ts";
import type { Figures } from "./figures.ts";
import { DECEIVING, LONG_S } from "./figures.ts";
import type { Mode } from "./effort.ts";
import { kindTable } from "./kind-section.ts";
import { command, joined } from "./markdown.ts";
import { whole } from "./number.ts";
import { scenarioTable } from "./scenario-section.ts";
import { deceivedHours, shortTable } from "./short-section.ts";
import { worldBlocks } from "./world-text.ts";

/** How the figures are made again. */
export interface Making {
  mode: Mode;
  picture: string;
  raw: string;
}

const FLAGS: Readonly<Record<Mode, string>> = { usual: "", full: " --full", short: " --short" };

const opening = ({ first, effort }: Figures, { mode, raw }: Making): (string | string[])[] => [
  "# How fast and how wrong",
  "For whoever asks how far the verdicts can be relied on.",
  [
    `Made by one command, in simulated worlds, from seeds that nothing was tuned on: ${effort.scenarios} of each scenario here, ${effort.kinds} of each kind, from ${whole(first)} on. Do not edit`,
    `it: run the command, and the same page comes of it. The tables behind it are in [${raw}](${raw}).`,
  ],
  command(`npm run sim -- --report${FLAGS[mode]}`),
];

const short = (figures: Figures, { picture }: Making): (string | string[])[] => [
  "## In short",
  [
    `Time to the first verdict that means "down", in seconds, for a crash, a silent death and a hang of ${LONG_S / 60} minutes, and how many times the oracle's median that is. A missed`,
    "fault counts as infinitely slow, and a dash means that too many were missed for the quantile to be defined. Beside it, how often healthy targets were",
    `called down in ${whole(deceivedHours(figures))} target-hours of the ${DECEIVING.length} scenarios in which nothing is down, and the probes an hour for one target. Slow rules owe their few wrong downs`,
    "to patience: troubles here last a minute, and are over before they notice any.",
  ],
  shortTable(figures),
  `![Seconds until a death is called, against wrong downs, for each detector over its thresholds](${picture})`,
  "Each line is one kind of rule from its most hasty to its slowest threshold; better is lower and further left. Hollow points were never wrong here.",
];

const kinds = (figures: Figures): (string | string[])[] => [
  "## Twelve kinds of worlds in which the judge was wrong",
  [
    "Nobody had shown them to the judge of the edition before, and it failed there. A run is right if nothing false is confirmed, no failover is advised of what lives, a target that serves",
    "nobody is avoided in time, a fault gets its name, the others are left alone, and the verdict settles (`harness/sim/kinds/`). Right runs stand in the order of the scenarios;",
    `before: by the judge of ${BEFORE.edition}, seeds from ${BEFORE.first} on in the same worlds. One run word by word: \`npm run sim -- --suite kinds --scenario slow-answers --seed 1\`.`,
  ],
  kindTable(figures),
];

const HONESTY = [
  "- **Oracle.** It is told what the fault is and when, and calls it when the first look that differs for it has arrived. Nobody who looks as often can be faster, and nobody",
  "  could act on it: one silence is no proof. It does not know of notices, heartbeats or inside vantages, so with those a detector may beat it.",
  '- **Bounds.** p99 has its 95 % bounds by order statistics; of few runs there is no upper one, and then it says `none`. "0 in N" allows for 3/N, and that is printed.',
  "- **Months.** 300 months of one target are too many probes to play: the detector runs wherever the weather alone could fool a quorum, and what chance could do",
  "  elsewhere is computed, and forced at moments drawn at random. Both numbers stand with the claim.",
  "- **Rivals are ours**, written from documentation (`harness/sim/rivals/`, each with its source and its simplifications). Those that may choose spend 3,600 probes an hour.",
];

/** The page as Markdown. */
export const pageOf = (figures: Figures, making: Making): string =>
  joined([
    ...opening(figures, making),
    ...short(figures, making),
    "## What was promised, and what came of it",
    "The promises are older than the figures. In the claims a death seen from outside is taken for proof: the detector is `parallax-outside-proof`. `npm run sim -- --suite claims` takes more seeds.",
    claimTable(figures),
    unreachedLines(figures),
    ...kinds(figures),
    "## Scenario by scenario",
    [
      "Parallax, in seconds, the oracle beside it and how many times longer Parallax took. `named` is when the right word stands, recovery is from the fault's end until `alive` again.",
      `All scenarios and detectors are in the JSON; one again: \`npm run sim -- --scenario gray-10 --first ${figures.first} --seeds ${figures.effort.scenarios}\`, one run: \`--seed ${figures.first}\`.`,
    ],
    scenarioTable(figures),
    "## What was simulated, and how honest that is",
    ...worldBlocks(),
    HONESTY,
  ]);
