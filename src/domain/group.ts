import { z } from "zod";
import { InstantSchema } from "./instant.ts";
import { NameSchema } from "./name.ts";
import { RoutingSchema, VerdictSchema } from "./verdict.ts";

/** Members of one group, at most: the conductor asks for all of them at once. */
export const MAX_MEMBERS = 64;
/** Groups of one deployment, at most: one list of them is one answer. */
export const MAX_GROUPS = 256;
/** How far ahead the end of a freeze may lie: a frozen group that its operators forget keeps a dead leader. */
export const FREEZE_MAX_MS = 7 * 86_400_000;

/** `pool`: every member that can serve does; `leader`: one member leads, and the others wait. */
export const GroupModeSchema = z.enum(["pool", "leader"]);

/** An address goes into one line of a text: no space, no control character. */
const AddressSchema = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e]+$/, "must be an address or a host name: printable ASCII without a space");

const MemberRequestSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema,
  /** What clients connect to; left out: the host of the target's URL. */
  address: AddressSchema.optional(),
  /** As in DNS SRV (RFC 2782): the lower number is preferred. */
  priority: z.int().min(0).max(65_535).default(1),
  /** Its share of the traffic among members of the same priority. */
  weight: z.int().min(0).max(65_535).default(100),
});

export const GroupPolicySchema = z.strictObject({
  /** A pool never has fewer members serving. */
  minServing: z.int().min(1).max(MAX_MEMBERS).default(1),
  /** The part of a pool's members that may be out at once. */
  maxOut: z.number().min(0).max(1).default(0.5),
  /** In a pool: how long a member's routing must say serve before it comes back. For a leader: the shortest time between two changes. */
  holdDownMs: z.int().min(0).max(86_400_000).default(60_000),
  /** Whether the lead goes back to a member of better priority by itself. */
  failback: z.enum(["never", "automatic"]).default("never"),
  /** How long that member must have been fit to lead before the lead goes back. */
  failbackAfterMs: z.int().min(0).max(86_400_000).default(600_000),
  /** Changes of the leader within an hour, planned ones included, at most. */
  maxSwitchesPerHour: z.int().min(0).max(60).default(4),
  /** `advisory`: a leader goes on when the detector is silent; `strict`: it stops when it cannot renew its lease. */
  lease: z.enum(["advisory", "strict"]).default("advisory"),
  leaseMs: z.int().min(1_000).max(300_000).default(15_000),
  /** A member whose `position` is further behind the greatest one is not a successor. */
  maxLag: z.number().min(0).default(1_000),
});
export type GroupPolicy = z.infer<typeof GroupPolicySchema>;

/** A group as requested. */
export const GroupRequestSchema = z.strictObject({
  mode: GroupModeSchema,
  members: z.array(MemberRequestSchema).min(1).max(MAX_MEMBERS),
  policy: GroupPolicySchema.prefault({}),
});
export type GroupRequest = z.infer<typeof GroupRequestSchema>;
/** The same as a client may send it: fields with a default may be left out. */
export type GroupBody = z.input<typeof GroupRequestSchema>;

/** A member as it is kept: with an address. */
export const MemberConfigSchema = MemberRequestSchema.required({ address: true });
export type MemberConfig = z.infer<typeof MemberConfigSchema>;

/** A group as it is kept. */
export interface GroupConfig {
  mode: z.infer<typeof GroupModeSchema>;
  members: MemberConfig[];
  policy: GroupPolicy;
}

/** What a member's shard says about it. Instants are epoch milliseconds. */
export interface MemberView {
  site: string;
  target: string;
  /** When its shard said this. */
  at: number;
  sequence: number;
  verdict: z.infer<typeof VerdictSchema>;
  confirmed: boolean;
  because: string;
  /** As `/avoid` would act on it; null if nothing may be changed because of it: no fresh verdict, a pause, a rehearsal. */
  routing: z.infer<typeof RoutingSchema> | null;
  regions: Record<string, z.infer<typeof RoutingSchema>>;
  /** Whether `/failover` would say 200. */
  failover: boolean;
  /** Whether it is alive to a quorum outside and to each sound vantage inside its site. */
  alive: boolean;
  asOf: number | null;
  validUntil: number | null;
  /** As its heartbeats say; null if they say none. */
  position: number | null;
}

/** One thing that keeps a group from a change. */
export const HeldSchema = z.strictObject({
  /** Which brake: a closed set. */
  what: z.enum([
    "freeze",
    "hold-down",
    "switches",
    "lease",
    "advice",
    "no-successor",
    "min-serving",
    "max-out",
    "stopping",
    "evidence",
  ]),
  /** The member that would go out, or come back or take the lead. */
  member: z.string().nullable(),
  /** When it ends by itself; null if that is not known. */
  until: InstantSchema.nullable(),
  detail: z.string(),
});
export type ShownHeld = z.infer<typeof HeldSchema>;

/** The answer of `GET …/leader`. */
export const LeaderAnswerSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema,
  address: z.string(),
  epoch: z.int(),
  /** When its lease ends, unless renewed; null if its advisory lease is over, and it leads until another member does. */
  until: InstantSchema.nullable(),
});
export type LeaderAnswer = z.infer<typeof LeaderAnswerSchema>;

const ServingSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema,
  address: z.string(),
  priority: z.int(),
  weight: z.int(),
});

export const ShownFreezeSchema = z.strictObject({
  reason: z.string(),
  until: InstantSchema,
  by: z.string(),
});

export const ShownSwitchSchema = z.strictObject({
  from: z.string().nullable(),
  to: z.string(),
  reason: z.string(),
  by: z.string(),
  since: InstantSchema,
  /** When the change is given up. */
  until: InstantSchema,
});

const ShownMemberSchema = MemberConfigSchema.extend({
  verdict: VerdictSchema,
  confirmed: z.boolean(),
  sequence: z.int(),
  /** What its routing says; null if nothing is known that a change may rest on. */
  routing: RoutingSchema.nullable(),
  asOf: InstantSchema.nullable(),
  validUntil: InstantSchema.nullable(),
  /** Whether it serves: in a pool the members that are in, else the leader. */
  serves: z.boolean(),
  leads: z.boolean(),
  position: z.number().nullable(),
  /** Whether it might be chosen to lead. */
  fit: z.boolean(),
  unfitBecause: z.string().nullable(),
});

/** The answer of `GET /v1/groups/{group}`. */
export const GroupAnswerSchema = z.strictObject({
  group: NameSchema,
  mode: GroupModeSchema,
  members: z.array(ShownMemberSchema),
  policy: GroupPolicySchema,
  /** The members that serve now. */
  serving: z.array(ServingSchema),
  /** Null in a pool, and if no member leads. */
  leader: LeaderAnswerSchema.nullable(),
  /** The fencing token: rises with each change of the serving members or the leader, and never falls. */
  epoch: z.int(),
  /** When the last change was. */
  since: InstantSchema,
  /** Begin of the newest look that the answer rests on; null before the first. */
  asOf: InstantSchema.nullable(),
  /** Until when the verdicts of all members are fresh. */
  validUntil: InstantSchema.nullable(),
  because: z.string(),
  heldBy: z.array(HeldSchema),
  /** Changes of the leader that are left within this hour; null in a pool. */
  switchesLeft: z.int().nullable(),
  frozen: ShownFreezeSchema.nullable(),
  switching: ShownSwitchSchema.nullable(),
  warnings: z.array(z.string()),
  createdAt: InstantSchema,
  updatedAt: InstantSchema,
});
export type GroupAnswer = z.infer<typeof GroupAnswerSchema>;

/** Fields that the detector states: a `GET` shows them, a `PUT` ignores them. */
export const passedOver = <K extends string>(names: readonly K[]): Record<K, z.ZodOptional<z.ZodUnknown>> =>
  Object.fromEntries(names.map((name) => [name, z.unknown().optional().meta({ readOnly: true })])) as Record<
    K,
    z.ZodOptional<z.ZodUnknown>
  >;

const SAID = [
  "group",
  "serving",
  "leader",
  "epoch",
  "since",
  "asOf",
  "validUntil",
  "because",
  "heldBy",
  "switchesLeft",
  "frozen",
  "switching",
  "warnings",
  "createdAt",
  "updatedAt",
] as const satisfies (keyof GroupAnswer)[];
const SAID_OF_MEMBER = [
  "verdict",
  "confirmed",
  "sequence",
  "routing",
  "asOf",
  "validUntil",
  "serves",
  "leads",
  "position",
  "fit",
  "unfitBecause",
] as const satisfies (keyof GroupAnswer["members"][number])[];

/** The body of `PUT /v1/groups/{group}`: the request, and what a `GET` adds to it, so that the answer of a `GET` can be sent back. */
export const GroupBodySchema = GroupRequestSchema.extend({
  members: z
    .array(MemberRequestSchema.extend(passedOver(SAID_OF_MEMBER)))
    .min(1)
    .max(MAX_MEMBERS),
  ...passedOver(SAID),
}).superRefine(({ mode, members, policy }, context) => {
  const names = members.map(({ site, target }) => `${site}/${target}`);
  for (const [index, name] of names.entries())
    if (names.indexOf(name) < index)
      context.addIssue({ code: "custom", path: ["members", index], message: `must not name ${name} again` });
  if (mode === "pool" && policy.minServing > members.length)
    context.addIssue({
      code: "custom",
      path: ["policy", "minServing"],
      message: `must be at most ${members.length}, the number of members`,
    });
});

/** The request that a body contains. */
export const groupRequest = ({ mode, members, policy }: z.output<typeof GroupBodySchema>): GroupRequest => ({
  mode,
  policy,
  members: members.map(({ site, target, address, priority, weight }) => ({
    site,
    target,
    priority,
    weight,
    ...(address === undefined ? {} : { address }),
  })),
});

const ListedGroupSchema = GroupAnswerSchema.pick({ group: true, mode: true }).extend({
  /** The sites of its members. */
  sites: z.array(NameSchema),
});
export type ListedGroup = z.infer<typeof ListedGroupSchema>;

/** The same with what its conductor reports of it. */
const StatedGroupSchema = ListedGroupSchema.extend({
  /** Null if the conductor does not answer. */
  state: GroupAnswerSchema.nullable(),
});
export type StatedGroup = z.infer<typeof StatedGroupSchema>;

/** The answer of `GET /v1/groups`, by name; the state is present if it was asked for. */
export const GroupsAnswerSchema = z.strictObject({
  groups: z.array(StatedGroupSchema.partial({ state: true })),
});

/** The body of `POST …/lease`. */
export const LeaseRequestSchema = z.strictObject({
  /** The member that asks. A notify token speaks for its own member and may leave this out. */
  site: NameSchema.optional(),
  target: NameSchema.optional(),
  /** The member has stopped leading in this epoch. If the lease is strict, it never leads in that epoch again, so another may lead. */
  released: z.int().min(0).optional(),
});
export type LeaseRequest = z.infer<typeof LeaseRequestSchema>;

/** The answer of `POST …/lease` to the leader. */
export const LeaseAnswerSchema = z.strictObject({
  epoch: z.int(),
  /** From the sending of the request on, by the asker's monotonic clock. */
  leaseMs: z.int(),
  /** The same by the detector's clock. */
  until: InstantSchema,
  /** Whether its holder must stop when it cannot renew. */
  lease: GroupPolicySchema.shape.lease.unwrap(),
});
export type LeaseAnswer = z.infer<typeof LeaseAnswerSchema>;

/** The body of `POST …/switch`. */
export const SwitchRequestSchema = z.strictObject({
  /** `site/target` of the member that is to lead; left out: the best one. */
  to: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}\/[a-z0-9][a-z0-9-]{0,62}$/, "must be a member as SITE/TARGET")
    .optional(),
  reason: z.string().min(1).max(500),
});
export type SwitchRequest = z.infer<typeof SwitchRequestSchema>;

/** The body of `POST …/freeze`. */
export const FreezeRequestSchema = z.strictObject({
  reason: z.string().min(1).max(500),
  ttlMs: z.int().min(1_000).max(FREEZE_MAX_MS),
});
export type FreezeRequest = z.infer<typeof FreezeRequestSchema>;

/** One line of `GET …/history`. */
export const GroupChangeSchema = z.strictObject({
  /** Counts the lines of this group. */
  number: z.int(),
  at: InstantSchema,
  /**
   * `changed`: the serving members or the leader changed; `withheld`: a brake prevented such a change; the others: what a request or the
   * group itself did.
   */
  kind: z.enum(["changed", "withheld", "configured", "frozen", "thawed", "switching"]),
  /** The epoch after it. */
  epoch: z.int(),
  /** Those that served before and after it, as SITE/TARGET; of a `leader` group one or none. */
  from: z.array(z.string()),
  to: z.array(z.string()),
  because: z.string(),
  /** The brakes that held it back; empty unless it was withheld. */
  heldBy: z.array(HeldSchema),
  /** The verdicts of the members that the line is about. */
  verdicts: z.array(
    z.strictObject({ member: z.string(), verdict: VerdictSchema, sequence: z.int(), confirmed: z.boolean() }),
  ),
  /** Id of the token that asked for it; `parallax` if the conductor decided it by itself. */
  by: z.string(),
});
export type GroupChange = z.infer<typeof GroupChangeSchema>;

export const GroupHistorySchema = z.strictObject({
  changes: z.array(GroupChangeSchema),
  /** Pass as `?cursor=` for the next, older page; null at the end. */
  next: z.string().nullable(),
});
export type GroupHistory = z.infer<typeof GroupHistorySchema>;
