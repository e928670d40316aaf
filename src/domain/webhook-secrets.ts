/** What of a webhook is a secret, how it is shown, and what is put back where that is sent again. */
import { MASKED } from "./secrets.ts";
import type { Webhook, WebhookRequest } from "./webhook.ts";

type Secrets = Pick<WebhookRequest, "url" | "format" | "routingKey">;

/** Whether who has the address may write there: of services that know their senders by nothing else. */
const isSecretUrl = ({ format = "standard" }: Pick<Secrets, "format">): boolean =>
  format !== "standard" && format !== "pagerduty";

const maskedUrlOf = (url: string): string => `${new URL(url).origin}/${MASKED}`;

/** As it is shown to administrators. */
export const maskedWebhook = (webhook: Secrets): Pick<Secrets, "url" | "routingKey"> => ({
  url: isSecretUrl(webhook) ? maskedUrlOf(webhook.url) : webhook.url,
  ...(webhook.routingKey === undefined ? {} : { routingKey: MASKED }),
});

/** As it is written down: less than is shown, and nothing that somebody may have put a secret into. */
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

/** A request with what its masks stand for; or the field whose mask stands for nothing, or for what is not to go elsewhere. */
export const unmaskedWebhook = (
  request: WebhookRequest,
  old: Webhook | undefined,
): { request: WebhookRequest } | { flaw: Flaw } => {
  let { url, routingKey } = request;
  if (old !== undefined && isSecretUrl(old) && url === maskedUrlOf(old.url)) {
    if (!isSecretUrl(request))
      return {
        flaw: { field: "url", message: "is masked, and this format shows it: give the whole address" },
      };
    url = old.url;
  } else if (isSecretUrl(request) && url === maskedUrlOf(url))
    return { flaw: { field: "url", message: `is masked, and none that begins so is kept: give it whole` } };
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
