import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One alert as Alertmanager sends it to a webhook. */
export interface Told {
  status: "firing" | "resolved";
  labels: Record<string, string>;
  startsAt: string;
}

/** A receiver of Alertmanager's webhooks, with a path for each recipient. */
export class Pager {
  readonly #server: Server;
  readonly #told = new Map<string, Told[]>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Pager> {
    const server = createServer((request, answer) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const { alerts } = JSON.parse(Buffer.concat(parts).toString()) as { alerts: Told[] };
        const path = request.url ?? "";
        pager.#told.set(path, [...pager.told(path), ...alerts]);
        answer.end();
      });
    });
    const pager = new Pager(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return pager;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  /** All alerts sent to that path so far, oldest first. */
  told(path: string): Told[] {
    return this.#told.get(path) ?? [];
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
