/**
 * Sends webhooks' messages, to public places alone unless the deployment allows others. A name may lead elsewhere than when the webhook was
 * put, so the sender looks it up before each attempt. How `fetch` then resolves the name is up to the platform
 * (`global_fetch_strictly_public`).
 */
import { Addresses } from "../../addresses.ts";
import type { Config } from "../../config.ts";
import { barTo, parseEndpoint } from "../../domain/address.ts";
import { silenceOf } from "../delivery-outcome.ts";
import { sendMessage } from "../send.ts";
import type { DeliveryPorts } from "./dispatcher.ts";

/** A message may wait longer for a name server than a look may: the next attempt is seconds away. */
const WAIT_MS = 2_000;

/** How names are looked up. */
type Resolve = (host: string) => Promise<string[]>;

const NAMELESS = "its name has no address";

/**
 * Makes the function that tries to send a message once. A place to which nothing may be sent fails as a receiver that is down does, and is
 * tried as often.
 */
export const sendingBy = (
  { allowPrivate }: Pick<Config, "allowPrivate">,
  resolve: Resolve,
): DeliveryPorts["send"] => {
  if (allowPrivate) return sendMessage;
  const addresses = new Addresses(resolve, () => Date.now());
  return async (message, now) => {
    const endpoint = parseEndpoint(message.url);
    if (typeof endpoint === "string") return silenceOf(`not sent: the URL ${endpoint}`);
    const told = await addresses.of(endpoint.host, WAIT_MS);
    const bar = barTo(endpoint.host, told) ?? (told?.length === 0 ? NAMELESS : undefined);
    return bar === undefined ? sendMessage(message, now) : silenceOf(`not sent: ${bar}`);
  };
};
