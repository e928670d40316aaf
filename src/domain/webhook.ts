import { z } from "zod";
import { parseEndpoint } from "./address.ts";
import { GroupChangeSchema, GroupModeSchema, passedOver } from "./group.ts";
import { InstantSchema } from "./instant.ts";
import { ShownMuteSchema } from "./mute.ts";
import { NameSchema } from "./name.ts";
import { MASKED } from "./secrets.ts";
import { TEMPLATE_MAX, templateProblem } from "./template.ts";
import { AdviceSchema, TransitionSchema } from "./verdict.ts";

/** The most webhooks of one deployment, over all sites. */
export const MAX_WEBHOOKS = 16;

/** Which transitions are sent: `all`; `verdict`, those to another verdict; `failover`, those with which failover advice begins or ends. */
export const WebhookEventsSchema = z.enum(["all", "verdict", "failover"]);

/** How the fall of a whole site is sent: `site`, one message; `target`, one for each target. */
export const WebhookBundleSchema = z.enum(["site", "target"]);

/** Which events of groups are sent: `all`, changes and withheld changes; `changed`, only changes. */
export const WebhookGroupsSchema = z.enum(["all", "changed", "none"]);

/**
 * The form of messages: `standard`, each transition, signed; the others notify people of causes, in the form of a service or, with
 * `generic-template`, of a template.
 */
export const WebhookFormatSchema = z.enum(["standard", "slack", "pagerduty", "discord", "generic-template"]);
export type WebhookFormat = z.infer<typeof WebhookFormatSchema>;

/** Targets that one message lists, at most: some 50 KB. */
export const MAX_LISTED = 100;

const WebhookUrlSchema = z
  .string()
  .max(2048)
  .superRefine((text, context) => {
    const endpoint = /^https?:/.test(text) ? parseEndpoint(text) : "must begin with https://";
    if (typeof endpoint === "string") context.addIssue({ code: "custom", message: endpoint });
  });

/** The form of a key of PagerDuty's Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview. */
const ROUTING_KEY = /^([A-Za-z0-9]{32}|\*{3})$/;

/** Where people open the page: scheme, host and port. */
const OriginSchema = z
  .string()
  .max(300)
  .refine(
    (text) => URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text,
    "must be scheme, host and port alone, as https://detector.example",
  );

const RequestSchema = z.strictObject({
  url: WebhookUrlSchema,
  /** Left out: `standard`. */
  format: WebhookFormatSchema.optional().meta({
    description: "standard (default) for programs; the others notify people of causes",
  }),
  /** The integration key of a PagerDuty service; `***` for the stored one. */
  routingKey: z
    .string()
    .regex(
      ROUTING_KEY,
      `must be the 32 letters and digits of an integration key, or ${MASKED} for the one kept`,
    )
    .optional(),
  /** A JSON text with placeholders in its strings. */
  template: z
    .string()
    .max(TEMPLATE_MAX)
    .meta({ description: "JSON in whose strings {{title}} and the like stand for parts of the message" })
    .superRefine((text, context) => {
      // A template that is too long could fill to more than is allowed.
      const problem = text.length > TEMPLATE_MAX ? undefined : templateProblem(text);
      if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
    })
    .optional(),
  /** The address at which people open this detector, for links; left out: the one to which this PUT was sent. */
  page: OriginSchema.optional().meta({
    description: "Where people open this detector, for links; left out: where this PUT was sent",
  }),
  /** Only transitions of these sites; default: of all. */
  sites: z
    .array(NameSchema)
    .min(1)
    .max(100)
    .refine((sites) => new Set(sites).size === sites.length, "must not name a site twice")
    .optional(),
  events: WebhookEventsSchema.default("all"),
  /** Left out: unchanged; for a new webhook `site`. */
  bundle: WebhookBundleSchema.optional(),
  /** Left out: unchanged; for a new webhook `all`. */
  groups: WebhookGroupsSchema.optional(),
  /** Nothing is sent, and nothing is kept to be sent later. */
  disabled: z.boolean().default(false),
  /** A note for people: whose it is. */
  note: z.string().max(200).optional(),
});

/** A field that one format needs, and no other takes. */
const BELONGS = { routingKey: "pagerduty", template: "generic-template" } as const;

/** What is wrong with the fields together, by field. */
const flawsOf = (request: z.infer<typeof RequestSchema>): [field: string, message: string][] => {
  const { format = "standard", url, bundle, page } = request;
  const flaws: [string, string][] = [];
  for (const [field, owner] of Object.entries(BELONGS)) {
    const isGiven = request[field as keyof typeof BELONGS] !== undefined;
    if (format === owner && !isGiven) flaws.push([field, `is required with format "${owner}"`]);
    if (format !== owner && isGiven)
      flaws.push([field, `is of format "${owner}" alone: leave it out, or take that format`]);
  }
  if (format === "standard" && page !== undefined)
    flaws.push(["page", 'is of the formats for people: with format "standard" leave it out']);
  if (format !== "standard" && bundle === "target")
    flaws.push(["bundle", `must be "site" with format "${format}", which announces each cause once`]);
  if (format === "pagerduty" && !url.endsWith("/v2/enqueue"))
    flaws.push(["url", "of PagerDuty must end in /v2/enqueue, as https://events.pagerduty.com/v2/enqueue"]);
  return flaws;
};

export type WebhookRequest = z.infer<typeof RequestSchema>;

/** A signing key; `until`: epoch milliseconds, null for the newest. */
export interface SigningKey {
  secret: string;
  until: number | null;
}

/** A webhook as kept, secrets included: it never leaves the objects. Instants are epoch milliseconds. */
export type Webhook = WebhookRequest & {
  id: string;
  /** Newest first. */
  keys: SigningKey[];
  /** Why Parallax stopped sending on its own; a PUT starts it again. */
  gone: string | null;
  /** Rises with every PUT. */
  revision: number;
  createdAt: number;
  updatedAt: number;
};

const WebhookCountsSchema = z.strictObject({
  /** Messages that wait for an attempt. */
  pending: z.int(),
  /** Messages taken by the receiver, since the webhook was made. */
  delivered: z.int(),
  /** Attempts that failed, since the webhook was made. */
  failed: z.int(),
  /** Messages given up, as far as they are kept: they are listed, and can be replayed. */
  dead: z.int(),
  /** How many of all messages were given up because too many were waiting. */
  dropped: z.int(),
});
export type WebhookCounts = z.infer<typeof WebhookCountsSchema>;

/** The answer of `GET /v1/webhooks/{id}`: never the secret. */
export const WebhookAnswerSchema = z.strictObject({
  id: NameSchema,
  /** With a format for people, masked after its host: anyone who has it can send there. */
  url: z.string(),
  /** Default: of an earlier detector. */
  format: WebhookFormatSchema.default("standard"),
  /** Masked. */
  routingKey: z.string().optional(),
  template: z.string().optional(),
  page: z.string().optional(),
  sites: z.array(NameSchema).optional(),
  events: WebhookEventsSchema,
  /** Default: of an earlier detector. */
  bundle: WebhookBundleSchema.default("target"),
  /** Default: of an earlier detector. */
  groups: WebhookGroupsSchema.default("none"),
  /** As the operator said. Default: of an earlier detector. */
  disabled: z.boolean().default(false),
  note: z.string().optional(),
  state: z.enum(["active", "disabled"]),
  /** Why it is disabled; null while it is active. */
  reason: z.string().nullable(),
  /** Until when a rotated secret signs as well; null if there is only one secret. */
  oldSecretUntil: InstantSchema.nullable(),
  counts: WebhookCountsSchema,
  /** The last message that the receiver refused for good; null if it has taken one since. Default: for an earlier detector. */
  refused: z.strictObject({ at: InstantSchema, error: z.string() }).nullable().default(null),
  createdAt: InstantSchema,
  updatedAt: InstantSchema,
});
export type WebhookAnswer = z.infer<typeof WebhookAnswerSchema>;
/** Fields that the detector states: a `GET` shows them, a `PUT` ignores them. */
const SAID = [
  "id",
  "state",
  "reason",
  "oldSecretUntil",
  "counts",
  "refused",
  "createdAt",
  "updatedAt",
] as const satisfies (keyof WebhookAnswer)[];

/** The body of `PUT /v1/webhooks/{id}`: the request, and what a `GET` adds to it, so that the answer of a `GET` can be sent back. */
export const WebhookBodySchema = RequestSchema.extend(passedOver(SAID)).superRefine((request, context) => {
  for (const [field, message] of flawsOf(request))
    context.addIssue({ code: "custom", message, path: [field] });
});
/** The same as it is sent: fields with a default may be left out. */
export type WebhookBody = z.input<typeof WebhookBodySchema>;

/** The request that a body contains. */
export const webhookRequest = (body: z.output<typeof WebhookBodySchema>): WebhookRequest => {
  const said: readonly string[] = SAID;
  return Object.fromEntries(Object.entries(body).filter(([name]) => !said.includes(name))) as WebhookRequest;
};

export const WebhooksAnswerSchema = z.strictObject({ webhooks: z.array(WebhookAnswerSchema) });

/** The answer of a creation and of a rotation: the only ones that show the secret. */
export const NewWebhookSchema = WebhookAnswerSchema.extend({
  secret: z.string().meta({ description: "whsec_ and the base64 of 32 bytes; shown once" }),
});

export type NewWebhook = z.infer<typeof NewWebhookSchema>;

export const DeliveryStateSchema = z.enum(["pending", "delivered", "dead"]);
export type DeliveryState = z.infer<typeof DeliveryStateSchema>;

/** One message to one webhook. */
export const DeliverySchema = z.strictObject({
  /** What the receiver sees as `webhook-id`: the same over all attempts and replays. */
  id: NameSchema,
  type: z.enum(["transition", "site", "cause", "group", "test"]),
  site: NameSchema.nullable(),
  target: NameSchema.nullable(),
  sequence: z.int().nullable(),
  state: DeliveryStateSchema,
  createdAt: InstantSchema,
  attempts: z.int(),
  lastAttemptAt: InstantSchema.nullable(),
  lastStatus: z.int().nullable(),
  lastError: z.string().nullable(),
  nextAttemptAt: InstantSchema.nullable(),
});
export type Delivery = z.infer<typeof DeliverySchema>;

export const DeliveriesAnswerSchema = z.strictObject({
  deliveries: z.array(DeliverySchema),
  /** Pass as `?cursor=` for the next, older page; null at the end. */
  next: z.string().nullable(),
});

export type Deliveries = z.infer<typeof DeliveriesAnswerSchema>;

/** The answer of a test and of a replay. */
export const DeliveryIdSchema = z.strictObject({ deliveryId: NameSchema });

/** The data of a transition, as webhooks and the stream of events send it. */
export const TransitionDataSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema,
  transition: TransitionSchema,
  /** Id of the drill it rests on; the advice stays negative unless that drill is live. */
  drill: z.string().nullable(),
  /** The mute that held then: no one should be woken. Default: for an earlier detector. */
  muted: ShownMuteSchema.nullable().default(null),
});
export type TransitionData = z.infer<typeof TransitionDataSchema>;

/** The data of a site that fell, or is back: the transitions of its targets at one instant. */
export const SiteDataSchema = z.strictObject({
  site: NameSchema,
  scope: z.literal("site"),
  targets: z.array(
    TransitionSchema.pick({
      sequence: true,
      from: true,
      to: true,
      rule: true,
      confirmed: true,
      because: true,
    }).extend({
      target: NameSchema,
      advice: AdviceSchema.pick({ routing: true, failover: true }),
      muted: ShownMuteSchema.nullable(),
    }),
  ),
  /** How many further targets there are beyond those listed. */
  more: z.int().min(0),
  drill: z.string().nullable(),
  /** A mute that held; null unless each of the targets was muted. */
  muted: ShownMuteSchema.nullable(),
});
export type SiteData = z.infer<typeof SiteDataSchema>;

/** The data of a group that changed, or of a change that a brake withheld. */
export const GroupDataSchema = z.strictObject({
  group: NameSchema,
  mode: GroupModeSchema,
  change: GroupChangeSchema,
});

/** The body of a webhook's request. */
export const WebhookMessageSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("transition"),
    timestamp: InstantSchema,
    data: TransitionDataSchema,
  }),
  z.strictObject({ type: z.literal("site"), timestamp: InstantSchema, data: SiteDataSchema }),
  z.strictObject({
    type: z.enum(["group.changed", "group.withheld"]),
    timestamp: InstantSchema,
    data: GroupDataSchema,
  }),
  z.strictObject({
    type: z.literal("test"),
    timestamp: InstantSchema,
    data: z.strictObject({ webhook: NameSchema }),
  }),
]);
export type WebhookMessage = z.infer<typeof WebhookMessageSchema>;
