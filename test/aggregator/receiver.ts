import { vi } from "vitest";
import type { WebhookMessage } from "../../src/domain/webhook.ts";

export interface Request {
  url: string;
  id: string;
  /** By the object's clock, epoch milliseconds. */
  at: number;
  signature: string;
  message: WebhookMessage;
}

/** Stands in for the network: it records every request that the object makes, and answers as the test says. */
export class Receiver {
  requests: Request[] = [];
  underWay = 0;
  /** The most requests under way at once. */
  abreast = 0;
  answer: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 204 });

  constructor() {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
      const headers = new Headers(init?.headers);
      const request: Request = {
        url: url as string,
        id: headers.get("webhook-id") ?? "",
        at: Number(headers.get("webhook-timestamp")) * 1_000,
        signature: headers.get("webhook-signature") ?? "",
        message: JSON.parse(init?.body as string) as WebhookMessage,
      };
      this.requests.push(request);
      this.underWay += 1;
      this.abreast = Math.max(this.abreast, this.underWay);
      try {
        return await this.answer(request);
      } finally {
        this.underWay -= 1;
      }
    });
  }

  /** Ids sent so far, in order. */
  get ids(): string[] {
    return this.requests.map(({ id }) => id);
  }

  /** The transitions of one target that were received, as `sequence to`. */
  told(target: string): string[] {
    return this.requests.flatMap(({ message }) =>
      message.type === "transition" && message.data.target === target
        ? [`${message.data.transition.sequence} ${message.data.transition.to}`]
        : [],
    );
  }
}

export const refuse = (): never => {
  throw new TypeError("Network connection lost.");
};
