/** Random courses of a group. Each act is drawn without regard to the group, and becomes an event of the group when its turn comes. */
import fc from "fast-check";
import { GroupRequestSchema, type GroupConfig, type MemberView } from "../../src/domain/group.ts";
import { decide, type GroupDecision } from "../../src/group/decide.ts";
import type { GroupEvent } from "../../src/group/group-event.ts";
import { type GroupState, newGroup } from "../../src/group/group-state.ts";
import { DEAD, LOST, nameAt, viewOf } from "./made.ts";

export const MEMBERS = 5;
const BY = "ADMIN_TOKEN";
const BEGIN_MS = 1_000_000_000;

/** Every state that a shard may report of a member, by name. `blind`: no vantage knows anything of it. */
export const CONDITIONS = {
  alive: {},
  dead: DEAD,
  lost: LOST,
  // A service that is down on a machine that answers: traffic avoids it, and the judge advises no failover.
  down: { verdict: "process_hung", routing: "avoid", alive: false },
  // Some of the vantages that count do not reach it.
  partly: { verdict: "partitioned", alive: false },
  paused: { routing: null, alive: false },
  blind: { verdict: "unknown", confirmed: false, routing: null, alive: false, asOf: null, validUntil: null },
} as const satisfies Record<string, Partial<MemberView>>;
export type Condition = keyof typeof CONDITIONS;

interface Said {
  index: number;
  condition: Condition;
  /** How long ago its shard said so. */
  agoMs: number;
  /** How long the view is valid, from that instant on. */
  validMs: number;
  position: number | null;
}

type Act =
  | { kind: "views"; said: Said[]; unheard: number[] }
  /** A view of every member, in which all are alive except one: the leader, or another. Then these members ask for the lease. */
  | { kind: "round"; which: "leader" | number; condition: Condition; ask: number[] }
  | { kind: "asks"; who: "leader" | "next" | number; released: "no" | "right" | "wrong" }
  | { kind: "lease-over"; isRight: boolean }
  | { kind: "configured"; config: GroupConfig }
  | { kind: "deleted"; isMadeAnew: boolean; config: GroupConfig }
  | { kind: "switch"; to: number | null }
  | { kind: "freeze"; forMs: number }
  | { kind: "thaw" }
  | { kind: "restarted" }
  | { kind: "set-back"; byMs: number }
  | { kind: "tick" };

interface Step {
  /** Since the step before. Below 0 where the clock is set back by too little to count as a setback. */
  afterMs: number;
  act: Act;
}

const policies = fc.record({
  minServing: fc.constantFrom(1, 1, 2),
  maxOut: fc.constantFrom(0, 0.3, 0.5, 0.7, 1),
  holdDownMs: fc.constantFrom(0, 5_000, 60_000),
  failback: fc.constantFrom("never", "automatic"),
  failbackAfterMs: fc.constantFrom(0, 10_000, 60_000),
  maxSwitchesPerHour: fc.constantFrom(0, 1, 2, 2, 4, 4, 60, 60, 60),
  lease: fc.constantFrom("advisory", "strict"),
  leaseMs: fc.constantFrom(1_000, 5_000, 15_000),
  maxLag: fc.constantFrom(0, 100),
});

/** `mode`: the mode of all configurations; without it, either. */
const configs = (mode?: GroupConfig["mode"]): fc.Arbitrary<GroupConfig> =>
  fc
    .record({
      mode: mode === undefined ? fc.constantFrom("pool" as const, "leader" as const) : fc.constant(mode),
      indices: fc.subarray([0, 1, 2, 3, 4], { minLength: 2 }),
      priorities: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: MEMBERS, maxLength: MEMBERS }),
      policy: policies,
    })
    .map(
      ({ indices, priorities, ...rest }) =>
        GroupRequestSchema.parse({
          ...rest,
          members: indices.map((index) => ({
            site: `s${index}`,
            target: "db",
            address: `192.0.2.${index + 1}`,
            priority: priorities[index],
          })),
        }) as GroupConfig,
    );

const indices = fc.integer({ min: 0, max: MEMBERS - 1 });
export const conditions = fc.constantFrom(...(Object.keys(CONDITIONS) as Condition[]));

const said: fc.Arbitrary<Said> = fc.record({
  index: indices,
  condition: conditions,
  agoMs: fc.constantFrom(0, 0, 0, 2_000, 6_000, 30_000),
  validMs: fc.constantFrom(1_000, 20_000, 20_000, 600_000),
  position: fc.constantFrom(null, 0, 50, 100, 500),
});

const viewActs: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant("views"),
  said: fc.array(said, { maxLength: 4 }),
  unheard: fc.array(indices, { maxLength: 1 }),
});

const acts = (mode?: GroupConfig["mode"]): fc.Arbitrary<Act> =>
  fc.oneof(
    { weight: 6, arbitrary: viewActs },
    {
      weight: 16,
      arbitrary: fc.record({
        kind: fc.constant("round"),
        which: fc.oneof(fc.constant("leader" as const), indices),
        condition: fc.oneof(fc.constantFrom("alive" as const, "alive" as const, "dead" as const), conditions),
        ask: fc.oneof(fc.constantFrom<number[]>([], [0, 1, 2, 3, 4], [4, 3, 2, 1, 0]), fc.array(indices)),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("asks"),
        who: fc.oneof(fc.constantFrom("leader" as const, "next" as const), indices),
        released: fc.constantFrom("no", "no", "no", "right", "wrong"),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("lease-over"), isRight: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("configured"), config: configs(mode) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("deleted"),
        isMadeAnew: fc.constantFrom(true, true, true, true, false),
        config: configs(mode),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("switch"), to: fc.option(indices) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("freeze"),
        forMs: fc.constantFrom(1_000, 2_000, 10_000, 7_200_000),
      }),
    },
    { weight: 1, arbitrary: fc.constant<Act>({ kind: "thaw" }) },
    { weight: 1, arbitrary: fc.constant<Act>({ kind: "restarted" }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("set-back"), byMs: fc.constantFrom(5_000, 86_400_000) }),
    },
    { weight: 4, arbitrary: fc.constant<Act>({ kind: "tick" }) },
  );

const times = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0, 0, 1, 100, 1_000, 1_000, 2_000, 5_000, -500) },
  { weight: 1, arbitrary: fc.constantFrom(10_000, 16_000, 60_000, 60_000, 600_000, 3_600_000) },
);

const stepsOf = (act: fc.Arbitrary<Act>, maxLength: number): fc.Arbitrary<Step[]> =>
  fc.array(fc.record({ afterMs: times, act }), { maxLength, size: "max" });

export interface List {
  config: GroupConfig;
  steps: Step[];
}

/** `mode`: the mode of every configuration; without it, either. */
export const lists = (mode?: GroupConfig["mode"], maxLength = 40): fc.Arbitrary<List> =>
  fc.record({ config: configs(mode), steps: stepsOf(acts(mode), maxLength) });

const viewsAt = (said: readonly Said[], at: number): MemberView[] =>
  said.map(({ index, condition, agoMs, validMs, position }) =>
    viewOf(index, at - agoMs, { position, validUntil: at - agoMs + validMs, ...CONDITIONS[condition] }),
  );

const indexOf = (name: string | null | undefined): number => Number(/\d/.exec(name ?? "")?.[0] ?? 0);

type Happening<K extends Act["kind"]> = (
  act: Extract<Act, { kind: K }>,
  state: GroupState,
  at: number,
) => GroupEvent[];

const HAPPENINGS: { [K in Act["kind"]]: Happening<K> } = {
  views: ({ said, unheard }, _, at) => [
    { kind: "views", views: viewsAt(said, at), unheard: unheard.map(nameAt) },
  ],
  round: ({ which, condition, ask }, { leader }, at) => {
    const one = which === "leader" ? indexOf(leader) : which;
    const views = Array.from({ length: MEMBERS }, (_, index) =>
      viewOf(index, at, index === one ? CONDITIONS[condition] : {}),
    );
    return [
      { kind: "views", views, unheard: [] },
      ...ask.map((index) => ({ kind: "lease", member: nameAt(index), released: null }) as const),
    ];
  },
  asks: ({ who, released }, { leader, holder, switching, epoch }) => {
    const names = { leader: leader ?? holder, next: switching?.to };
    const member = nameAt(typeof who === "number" ? who : indexOf(names[who]));
    const epochs = { no: null, right: epoch, wrong: Math.max(0, epoch - 1) };
    return [{ kind: "lease", member, released: epochs[released] }];
  },
  "lease-over": ({ kind, isRight }, { lease }) => [
    { kind, renewal: (lease?.renewal ?? 0) - (isRight ? 0 : 1) },
  ],
  configured: (act) => [{ ...act, by: BY }],
  deleted: ({ kind, isMadeAnew, config }) => {
    const anew: GroupEvent[] = isMadeAnew ? [{ kind: "configured", config, by: BY }] : [];
    return [{ kind, by: BY }, ...anew];
  },
  switch: ({ kind, to }) => [{ kind, to: to === null ? null : nameAt(to), reason: "a kernel", by: BY }],
  freeze: ({ kind, forMs }, state, at) => [
    { kind, reason: "a move", until: Math.max(at, state.at) + forMs, by: BY },
  ],
  thaw: ({ kind }) => [{ kind, by: BY }],
  restarted: (act) => [act],
  "set-back": (act) => [act],
  tick: (act) => [act],
};

const eventsOf = (state: GroupState, act: Act, at: number): GroupEvent[] =>
  (HAPPENINGS[act.kind] as Happening<Act["kind"]>)(act, state, at);

/** One event and its effects. */
export interface Move extends Omit<GroupDecision, "state"> {
  before: GroupState;
  after: GroupState;
  event: GroupEvent;
  /** When the event happened, by the clock before. */
  now: number;
  /** How far the clock has been set back in all. Added to the group's instants, this gives a time that only rises. */
  setBackMs: number;
}

/** Splits an event with several views into events with one view each. */
const singly = (event: GroupEvent): GroupEvent[] =>
  event.kind === "views" && event.views.length > 1
    ? event.views.map((view, index) => ({
        ...event,
        views: [view],
        unheard: index === 0 ? event.unheard : [],
      }))
    : [event];

/** Plays a list to its end. `isWhole`: views stay together as they came, many at a time. */
export const play = ({ config, steps }: List, isWhole = false): { state: GroupState; moves: Move[] } => {
  const moves: Move[] = [];
  let state = newGroup("db", BEGIN_MS);
  let now = BEGIN_MS;
  let setBackMs = 0;
  const happens = (event: GroupEvent): void => {
    const before = state;
    const { lines, result, ...decided } = decide(before, event, now);
    state = decided.state;
    moves.push({ before, after: state, event, now, setBackMs, lines, result });
  };
  happens({ kind: "configured", config, by: BY });
  for (const { afterMs, act } of steps) {
    now += afterMs;
    if (act.kind === "set-back") {
      now = Math.max(now, state.at) - act.byMs;
      setBackMs += act.byMs;
    }
    for (const event of eventsOf(state, act, now))
      for (const one of isWhole ? [event] : singly(event)) happens(one);
  }
  return { state, moves };
};
