/**
 * What the services take, as JSON schemas of our own after their documentation, and how each reads a body. Slack:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and https://docs.slack.dev/reference/block-kit/blocks;
 * PagerDuty: https://developer.pagerduty.com/docs/events-api-v2-overview and
 * https://github.com/PagerDuty/api-schema/blob/main/reference/events-v2/openapiv3.json; Discord:
 * https://discord.com/developers/docs/resources/webhook#execute-webhook and
 * https://discord.com/developers/docs/resources/message#embed-object-embed-limits.
 */
import { type Schema, Validator } from "@cfworker/json-schema";

const text = (maxLength: number, minLength = 1) => ({ type: "string", minLength, maxLength });
const object = (properties: Record<string, object>, required: string[]) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const one = (value: string) => ({ const: value });

const mrkdwn = (maxLength: number) =>
  object({ type: one("mrkdwn"), text: text(maxLength), verbatim: { const: true } }, [
    "type",
    "text",
    "verbatim",
  ]);
const plainText = object({ type: one("plain_text"), text: text(150), emoji: { type: "boolean" } }, [
  "type",
  "text",
]);

const SLACK = object(
  {
    text: text(40_000),
    blocks: {
      type: "array",
      minItems: 1,
      maxItems: 50,
      items: {
        oneOf: [
          object({ type: one("header"), text: plainText }, ["type", "text"]),
          object({ type: one("section"), text: mrkdwn(3_000) }, ["type", "text"]),
          object(
            {
              type: one("section"),
              fields: { type: "array", minItems: 1, maxItems: 10, items: mrkdwn(2_000) },
            },
            ["type", "fields"],
          ),
          object(
            {
              type: one("context"),
              elements: { type: "array", minItems: 1, maxItems: 10, items: mrkdwn(3_000) },
            },
            ["type", "elements"],
          ),
        ],
      },
    },
  },
  ["text", "blocks"],
);

const instant = { type: "string", format: "date-time" };
const uri = { type: "string", format: "uri" };
const links = { type: "array", items: object({ href: uri, text: { type: "string" } }, ["href"]) };
const routingKey = { type: "string", pattern: "^[A-Za-z0-9]{32}$" };
const dedupKey = text(255);

const PAGERDUTY = {
  oneOf: [
    object(
      {
        routing_key: routingKey,
        event_action: one("trigger"),
        dedup_key: dedupKey,
        payload: object(
          {
            summary: text(1_024),
            source: text(1_024),
            severity: { enum: ["critical", "error", "warning", "info"] },
            timestamp: instant,
            component: text(1_024),
            group: text(1_024),
            class: text(1_024),
            custom_details: { type: "object" },
          },
          ["summary", "source", "severity"],
        ),
        client: { type: "string" },
        client_url: uri,
        links,
      },
      ["routing_key", "event_action", "payload"],
    ),
    object({ routing_key: routingKey, event_action: one("resolve"), dedup_key: dedupKey }, [
      "routing_key",
      "event_action",
      "dedup_key",
    ]),
  ],
};

const PAGERDUTY_CHANGE = object(
  {
    routing_key: routingKey,
    payload: object(
      {
        summary: text(1_024),
        source: text(1_024),
        timestamp: instant,
        custom_details: { type: "object" },
      },
      ["summary"],
    ),
    links,
  },
  ["routing_key", "payload"],
);

const DISCORD = object(
  {
    content: text(2_000),
    embeds: {
      type: "array",
      maxItems: 10,
      items: object(
        {
          title: text(256),
          description: text(4_096),
          url: uri,
          color: { type: "integer", minimum: 0, maximum: 0xff_ff_ff },
          timestamp: instant,
          fields: {
            type: "array",
            maxItems: 25,
            items: object({ name: text(256), value: text(1_024), inline: { type: "boolean" } }, [
              "name",
              "value",
            ]),
          },
        },
        [],
      ),
    },
    allowed_mentions: object({ parse: { type: "array", maxItems: 0 } }, ["parse"]),
  },
  ["content", "embeds", "allowed_mentions"],
);

/** PagerDuty: "Events API payloads are limited to 512 KB". */
export const PAGERDUTY_MAX_BYTES = 512_000;
export const DISCORD_EMBEDS_MAX = 6_000;

const validators = {
  slack: new Validator(SLACK as Schema, "2020-12", false),
  pagerduty: new Validator(PAGERDUTY as Schema, "2020-12", false),
  pagerdutyChange: new Validator(PAGERDUTY_CHANGE as Schema, "2020-12", false),
  discord: new Validator(DISCORD as Schema, "2020-12", false),
};

/** The errors that a service finds in a body; none where it accepts the body. */
export const complaintsOf = (service: keyof typeof validators, body: unknown): string[] =>
  validators[service]
    .validate(body)
    .errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`);

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Every text in a body. */
export const textsIn = (body: unknown): string[] => {
  const value = body as Json;
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

/** The marks that Slack would read in a text: links and mentions are between `<` and `>`. */
export const slackMarks = (text: string): string[] => text.match(/<[^>]*>?/g) ?? [];

/** The characters that Discord counts together over all embeds. */
export const embedded = (body: {
  embeds: { title?: string; description?: string; fields?: { name: string; value: string }[] }[];
}): number =>
  body.embeds
    .flatMap(({ title = "", description = "", fields = [] }) => [
      title,
      description,
      ...fields.flatMap(({ name, value }) => [name, value]),
    ])
    .reduce((sum, part) => sum + part.length, 0);
