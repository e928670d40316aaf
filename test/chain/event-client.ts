import { get, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { createParser } from "eventsource-parser";
import type { TransitionData } from "../../src/domain/webhook.ts";

export interface Event {
  id: string;
  event: string;
  data: TransitionData;
}

/** A client of `/v1/events` that works as a browser's: it resumes by the id of the last event that it has received whole. */
export class EventClient {
  readonly events: Event[] = [];
  lastId = "";
  connections = 0;
  readonly #url: string;
  readonly #token: string;
  #answer: IncomingMessage | null = null;

  constructor(url: string, token = "local-read") {
    this.#url = url;
    this.#token = token;
  }

  /** Connects, and reads until `cut` or until the server ends. Resolves once the answer has begun; throws where no answer comes. */
  async connect(): Promise<void> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(this.lastId === "" ? {} : { "last-event-id": this.lastId }),
    };
    const request = get(this.#url, { headers, agent: false });
    const [answer] = (await once(request, "response")) as [IncomingMessage];
    if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
    this.connections += 1;
    this.#answer = answer;
    const parser = createParser({
      onEvent: ({ id = "", event = "message", data }) => {
        this.lastId = id;
        this.events.push({ id, event, data: JSON.parse(data) as TransitionData });
      },
    });
    answer.on("data", (bytes: Buffer) => {
      if (this.#answer === answer) parser.feed(bytes.toString());
    });
    answer.on("error", () => undefined);
  }

  /** Breaks the connection at once; what was under way is lost. */
  cut(): void {
    const answer = this.#answer;
    this.#answer = null;
    answer?.destroy();
  }

  /** `target sequence` of each transition, in order of arrival. */
  get transitions(): string[] {
    return this.events
      .filter(({ event }) => event === "transition")
      .map(({ data }) => `${data.target} ${data.transition.sequence}`);
  }
}
