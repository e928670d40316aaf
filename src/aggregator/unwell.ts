/**
 * Why verdicts cannot be believed, or soon will not be, through our own fault: a sentence for each cause. The rule: no verdict is stale or
 * `unknown` by our own fault for three intervals without a sentence here. A target's fault is not our own, and is not reported here.
 */
import type { Load } from "../domain/load.ts";
import { toInstant } from "../domain/instant.ts";
import { maskedUrl } from "../domain/secrets.ts";
import type { ShardState, TargetState, VantageRecord } from "../verdict/memory/judge-state.ts";
import { TUNING } from "../verdict/tuning.ts";
import { shownTurns } from "./admission.ts";
import { LOOK_SLACK_MS, lateReasons, listed, staleReasons } from "./overload.ts";
import { askedAt } from "./target-rules.ts";

/** How late a vantage may report, beyond one and a half intervals, before it counts as stalled. */
const SLACK_MS = 15_000;
/** So many failed looks make a control silent, because a single look may be lost. */
const SILENT_LOOKS = 2;
/** A webhook takes nothing when this many messages wait for one receiver in one shard (a tenth of what is kept for it) … */
const PILED_UP = 100;
/** … or when a message has waited for longer than a receiver's restart takes. */
const WAITED_MS = 600_000;

/** What a shard knows of its own condition. */
export interface Condition {
  state: ShardState;
  load: Load;
  /** As configured. */
  controls: readonly string[];
  /** What is wrong with SHARDS; null for nothing. */
  shards: string | null;
  /** When the clock was last set back, and by how much; null where it was not lately. */
  setBack: { at: number; byMs: number } | null;
  /** Vantages whose clocks are ahead, and by how much. */
  ahead: readonly [string, number][];
  /** Vantages that still work by an assignment of this old version, though they were handed the newest. */
  outdated: readonly [string, number][];
  /** Since when the shard can keep nothing, and why; null while it can. */
  unkept: { since: number; reason: string } | null;
  /**
   * `oldestAt`: when the oldest waiting message was made; null where none waits. `refused`: why the receiver refused the last message; null
   * where it did not.
   */
  webhooks: readonly { id: string; pending: number; oldestAt: number | null; refused: string | null }[];
  /** Vantages that were only tried and do not run: the shard does not report their silence. */
  tried: ReadonlySet<string>;
}

const clockReasons = ({ setBack, ahead }: Condition): string[] => [
  ...(setBack === null
    ? []
    : [
        `the clock was set back by ${spanOf(setBack.byMs)} at ${toInstant(setBack.at)}: what was seen before is void, and unknown until it is seen again`,
      ]),
  ...ahead.map(
    ([vantage, ms]) =>
      `the clock of vantage ${vantage} is ${spanOf(ms)} ahead: nobody knows when it saw what it reports, so it does not count`,
  ),
];

/** How many separate views these vantages have: vantages known to share a colo count once. */
const windowsOf = (records: readonly VantageRecord[]): number =>
  new Set(records.map(({ colo, vantage }) => colo ?? vantage.id)).size;

/** The vantages that look at a target from outside its site. */
const outsideOf = ({ vantages }: ShardState, { target }: TargetState): VantageRecord[] =>
  target.vantages.flatMap((id) => {
    const record = vantages.get(id);
    return record === undefined || record.vantage.site === target.site ? [] : [record];
  });

/** How a reason names targets and webhooks. */
export interface Naming {
  targets: (keys: string[]) => string;
  webhook: (id: string) => string;
}

/** For tokens that read all sites. */
export const BY_NAME: Naming = { targets: listed, webhook: (id) => `webhook ${id}` };
/** For all other tokens. */
export const WITHOUT_NAMES: Naming = {
  targets: ({ length }) => (length === 1 ? "one target" : `${length} targets`),
  webhook: () => "a webhook",
};

const barredReasons = ({ targets }: ShardState, naming: Naming): string[] => {
  const barred = [...targets].filter(([, { target }]) => target.barred !== undefined);
  return barred.length === 0
    ? []
    : [
        `not looked at, as ALLOW_PRIVATE is not true and they stand in private places: ${naming.targets(barred.map(([key]) => key))}`,
      ];
};

const quorumOf = ({ target }: TargetState): number => target.policy.minVantages ?? TUNING.quorum;

/** Whether too few of the target's vantages are sound for anything to be confirmed, although enough look at it. */
const lacksQuorum = (state: ShardState, target: TargetState, now: number): boolean => {
  const { intervalMs, paused } = target.target;
  if (paused) return false;
  const outside = outsideOf(state, target);
  const needed = Math.min(quorumOf(target), windowsOf(outside));
  // A vantage that was asked a moment ago has not had the time to look.
  const isNew = ({ vantage }: VantageRecord): boolean =>
    now - askedAt(target, vantage.id) <= 2 * intervalMs + LOOK_SLACK_MS;
  return windowsOf(outside.filter((record) => record.state === "sound" || isNew(record))) < needed;
};

/** Whether these vantages suffice for a quorum of `needed`: enough views, in two regions if it needs two or more. */
const areEnough = (records: readonly VantageRecord[], needed: number): boolean =>
  windowsOf(records) >= needed &&
  (needed < 2 || new Set(records.map(({ vantage }) => vantage.region)).size > 1);

/** One sentence where too few vantages are to look for anything ever to be confirmed, however well they work. */
export const fewWarnings = (state: ShardState, naming = BY_NAME): string[] => {
  const all = [...state.vantages.values()];
  const few = [...state.targets].filter(
    ([, target]) => !target.target.paused && !areEnough(outsideOf(state, target), quorumOf(target)),
  );
  if (few.length > 0)
    return [
      `so few vantages look at them that nothing is ever confirmed, as that needs ${TUNING.quorum} in two regions: ${naming.targets(few.map(([key]) => key))}`,
    ];
  return state.targets.size > 0 || areEnough(all, TUNING.quorum)
    ? []
    : [
        `too few vantages for anything to be confirmed (${all.length}), as that needs ${TUNING.quorum} in two regions: name more in VANTAGES`,
      ];
};

const quorumReasons = (state: ShardState, now: number, naming: Naming): string[] => {
  const lacking = [...state.targets].filter(([, target]) => lacksQuorum(state, target, now));
  if (lacking.length === 0) return [];
  const unsound = new Map<string, string>();
  for (const [, target] of lacking)
    for (const { vantage, state: soundness, reason } of outsideOf(state, target))
      if (soundness !== "sound") unsound.set(vantage.id, `${vantage.id} ${reason}`);
  return [
    `too few sound vantages to confirm anything of ${naming.targets(lacking.map(([key]) => key))}: ${listed([...unsound.values()])}`,
  ];
};

/** One reason for each control from which no vantage has had an answer lately. */
const controlReasons = ({ state, controls }: Condition): string[] => {
  const records = [...state.vantages.values()];
  const provenAt = Math.max(0, ...records.map(({ proof }) => proof.at));
  return controls.flatMap((url) => {
    const asked = records.flatMap((record) => record.controls.get(url) ?? []);
    const isSilent =
      asked.length > 0 && asked.every(({ answered, failures }) => !answered && failures >= SILENT_LOOKS);
    if (!isSilent) return [];
    const since = Math.min(...asked.map(({ begin }) => begin));
    const shown = maskedUrl(url);
    return [
      provenAt > since
        ? `control ${shown} answers none of ${asked.length} vantages, which are answered elsewhere: it proves nothing, so name one in CONTROLS that answers`
        : `control ${shown} answers none of ${asked.length} vantages, and nothing else shows that they are answered: the fault is ours`,
    ];
  });
};

/** Vantages that have had targets to look at for long enough, and have sent no report for too long. */
export const stalledVantages = (state: ShardState, tried: ReadonlySet<string>, now: number): string[] => {
  const expectedSince = new Map<string, number>();
  for (const known of state.targets.values()) {
    const { target } = known;
    if (target.paused) continue;
    for (const id of target.vantages) {
      if (tried.has(id)) continue;
      const last = Math.max(state.vantages.get(id)?.lastReportAt ?? 0, askedAt(known, id));
      const due = last + 1.5 * target.intervalMs + SLACK_MS;
      expectedSince.set(id, Math.min(expectedSince.get(id) ?? Infinity, due));
    }
  }
  return [...expectedSince].filter(([, due]) => now > due).map(([id]) => id);
};

/** One sentence for each vantage that does not keep up. */
const behindReasons = (state: ShardState, { behind }: Load, now: number): string[] =>
  behind.flatMap(({ vantage, due, missed, since }) => {
    const record = state.vantages.get(vantage);
    if (record === undefined) return [];
    const { perSecond, assignedPerSecond } = shownTurns(state, record);
    return `vantage ${vantage} does not keep up: within two minutes ${missed} of ${due} turns went by without a look, some since ${toInstant(since)} (${spanOf(now - since)}); it has ${assignedPerSecond.toFixed(1)} looks a second to take, and its pace allows ${perSecond.toFixed(1)}`;
  });

const webhookReasons = ({ webhooks }: Condition, now: number, naming: Naming): string[] =>
  webhooks.flatMap(({ id, pending, oldestAt }) =>
    oldestAt !== null && (pending >= PILED_UP || now - oldestAt > WAITED_MS)
      ? [
          `${naming.webhook(id)} takes nothing: ${pending} messages wait for it, the oldest for ${spanOf(now - oldestAt)}`,
        ]
      : [],
  );

/**
 * Where a receiver refuses every message, no message waits and people get none. Only readers who may know the webhook see what its service
 * says.
 */
const refusedReasons = ({ webhooks }: Condition, naming: Naming): string[] =>
  webhooks.flatMap(({ id, refused }) =>
    refused === null
      ? []
      : [`${naming.webhook(id)} is refused by its receiver${naming === BY_NAME ? `: ${refused}` : ""}`],
  );

const spanOf = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;

interface KindOfTrouble {
  /** The text for tokens confined to sites: it contains no target, vantage or webhook, and no number of them. */
  cause: string;
  reasons: (condition: Condition, now: number, naming: Naming) => string[];
}

/** The gravest first. */
const TROUBLES: readonly KindOfTrouble[] = [
  { cause: "SHARDS was changed", reasons: ({ shards }) => (shards === null ? [] : [shards]) },
  {
    cause: "nothing can be kept, so nothing is judged",
    reasons: ({ unkept }) =>
      unkept === null
        ? []
        : [`nothing can be kept since ${toInstant(unkept.since)}, so nothing is judged: ${unkept.reason}`],
  },
  { cause: "a clock is wrong, and what was seen by it does not count", reasons: clockReasons },
  {
    cause: "most targets fell silent at once: advice is frozen",
    reasons: ({ state: { frozenSince } }) =>
      frozenSince === null
        ? []
        : [`most targets fell silent at once: advice is frozen since ${toInstant(frozenSince)}`],
  },
  {
    cause: "some targets stand in private places, and ALLOW_PRIVATE is not true",
    reasons: ({ state }, _now, naming) => barredReasons(state, naming),
  },
  {
    cause: "too few vantages are sound to confirm anything of some targets",
    reasons: ({ state }, now, naming) => quorumReasons(state, now, naming),
  },
  { cause: "a control answers no vantage", reasons: controlReasons },
  {
    cause: "a vantage has stopped reporting",
    reasons: ({ state, tried }, now) =>
      stalledVantages(state, tried, now).map((id) => `vantage ${id} has stopped reporting`),
  },
  {
    cause: "a vantage works by an old assignment",
    reasons: ({ outdated }) =>
      outdated.map(
        ([vantage, version]) =>
          `vantage ${vantage} works by an old assignment (version ${version}), though it was handed the newest`,
      ),
  },
  {
    cause: "overloaded, interrupted, or cut off from its vantages",
    reasons: ({ load }) => lateReasons(load),
  },
  {
    cause: "the evidence on some targets is too old to act on",
    reasons: ({ load }, _now, naming) => staleReasons(load, naming === BY_NAME ? undefined : naming.targets),
  },
  {
    cause: "a vantage does not keep up",
    reasons: ({ state, load }, now) => behindReasons(state, load, now),
  },
  { cause: "a webhook takes nothing", reasons: webhookReasons },
  {
    cause: "a webhook is refused by its receiver",
    reasons: (condition, _now, naming) => refusedReasons(condition, naming),
  },
];

export interface ShardTrouble {
  /** A sentence for each thing that is wrong, … */
  reasons: string[];
  /** … the same without the names of targets and webhooks, … */
  unnamed: string[];
  /** … and the causes alone. */
  causes: string[];
}

/** What is wrong with the detector itself, the gravest first. */
export const troubleOf = (condition: Condition, now: number): ShardTrouble => {
  const found = TROUBLES.map(({ cause, reasons }) => ({
    cause,
    reasons: reasons(condition, now, BY_NAME),
    unnamed: reasons(condition, now, WITHOUT_NAMES),
  }));
  return {
    reasons: found.flatMap(({ reasons }) => reasons),
    unnamed: found.flatMap(({ unnamed }) => unnamed),
    causes: found.flatMap(({ cause, reasons }) => (reasons.length === 0 ? [] : [cause])),
  };
};
