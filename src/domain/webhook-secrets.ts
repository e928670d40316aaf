/** Which parts of a webhook are secret, how they are shown, and how a shown webhook that is sent again gets them back. */
import { MASKED } from "./secrets.ts";
import type { Webhook, WebhookRequest } from "./webhook.ts";

type Secrets = Pick<WebhookRequest, "url" | "format" | "routingKey">;

/** Whether knowing the address is enough to send there, as with services that authenticate senders by nothing else. */
const isSecretUrl = ({ format = "standard" }: Pick<Secrets, "format">): boolean =>
  format !== "standard" && format !== "pagerduty";

const maskedUrlOf = (url: string): string => `${new URL(url).origin}/${MASKED}`;

/** As shown to administrators. */
export const maskedWebhook = (webhook: Secrets): Pick<Secrets, "url" | "routingKey"> => ({
  url: isSecretUrl(webhook) ? maskedUrlOf(webhook.url) : webhook.url,
  ...(webhook.routingKey === undefined ? {} : { routingKey: MASKED }),
});

/** As written to the audit: less than is shown, and no field into which a user may have put a secret. */
export const auditedWebhook = (webhook: Webhook): object => {
  const { keys: _, url, routingKey, template, ...rest } = webhook;
  return {
    ...rest,
    url: `${new URL(url).origin}/…`,
    ...(routingKey === undefined ? {} : { routingKey: MASKED }),
    ...(template === undefined ? {} : { template: `${template.length} characters` }),
  };
};

const isSameOrigin = (one: string, other: string): boolean => new URL(one).origin === new URL(other).origin;

type Flaw = { field: "url" | "routingKey"; message: string };

/** The stored address for which a mask stands, or why none may. */
const keptUrl = (
  { url, format = "standard" }: WebhookRequest,
  old: Webhook | undefined,
): { url: string } | { flaw: Flaw } => {
  const flaw = (why: string): { flaw: Flaw } => ({
    flaw: { field: "url", message: `is masked, and ${why}: give the whole address` },
  });
  if (old === undefined || !isSecretUrl(old) || url !== maskedUrlOf(old.url))
    return flaw("none that begins so is kept");
  // Two services at one host are still two receivers, and some formats show the address.
  return format === old.format ? { url: old.url } : flaw(`the one kept was given for format "${old.format}"`);
};

/**
 * A request with the stored values put back for its masks. Or the field whose mask has no stored value, or one that must not be sent
 * elsewhere.
 */
export const unmaskedWebhook = (
  request: WebhookRequest,
  old: Webhook | undefined,
): { request: WebhookRequest } | { flaw: Flaw } => {
  let { url, routingKey } = request;
  // No receiver has the mask for a path, whatever the format.
  if (url === maskedUrlOf(url)) {
    const kept = keptUrl(request, old);
    if ("flaw" in kept) return kept;
    ({ url } = kept);
  }
  if (routingKey === MASKED) {
    if (old?.routingKey === undefined)
      return { flaw: { field: "routingKey", message: "is masked, and none is kept: give the key" } };
    if (!isSameOrigin(url, old.url))
      return {
        flaw: { field: "routingKey", message: "is masked, and the url leads elsewhere: give the key anew" },
      };
    ({ routingKey } = old);
  }
  return { request: { ...request, url, ...(routingKey === undefined ? {} : { routingKey }) } };
};
