/** Signatures by Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks), symmetric. */

const PREFIX = "whsec_";

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

const base64Of = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)));

const signatureBy = async (secret: string, content: Uint8Array<ArrayBuffer>): Promise<string> => {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytesOf(secret.slice(PREFIX.length)), algorithm, false, [
    "sign",
  ]);
  return `v1,${base64Of(await crypto.subtle.sign("HMAC", key, content))}`;
};

/**
 * The header `webhook-signature`: one signature for each secret (`whsec_` and base64), separated by
 * spaces. `timestamp` in seconds since the epoch, as in `webhook-timestamp`.
 */
export const sign = async (
  secrets: readonly string[],
  id: string,
  timestamp: number,
  body: string,
): Promise<string> => {
  const content = new Uint8Array(new TextEncoder().encode(`${id}.${timestamp}.${body}`));
  return (await Promise.all(secrets.map((secret) => signatureBy(secret, content)))).join(" ");
};
