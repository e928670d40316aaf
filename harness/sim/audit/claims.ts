import { Worker } from "node:worker_threads";
import type { Measured } from "./claims-member.ts";
import type { Variant } from "./judged.ts";

/** After so long it will not end. */
const LIMIT_MS = 300_000;

/** `cpuS`: processor time. */
export type Answer = { cpuS: number } & (Measured | { broke: string });

const start = (): Worker => new Worker(new URL("claims-member.ts", import.meta.url));

/** Measures the claims of one judge at a time, in a thread of its own. */
export class ClaimsLane {
  #worker: Worker | null = null;

  /** Each claim in its order, or why there are none. */
  measure(variant: Variant): Promise<Answer> {
    const worker = (this.#worker ??= start());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        onEnd();
        this.#worker = null;
        void worker.terminate();
        resolve({ broke: "does not come to an end", cpuS: LIMIT_MS / 1_000 });
      }, LIMIT_MS).unref();
      const onMessage = (answer: Answer): void => {
        onEnd();
        resolve(answer);
      };
      const onError = (cause: unknown): void => {
        onEnd();
        this.#worker = null;
        reject(cause);
      };
      const onEnd = (): void => {
        clearTimeout(timer);
        worker.off("message", onMessage);
        worker.off("error", onError);
      };
      worker.on("message", onMessage);
      worker.on("error", onError);
      worker.postMessage(variant);
    });
  }

  async dismiss(): Promise<void> {
    await this.#worker?.terminate();
  }
}

/** Claims that a judge as it is reaches, and this one does not. */
export const lostClaims = (usual: Pick<Measured, "claims">, answer: Answer): string[] => {
  if ("broke" in answer) return [`none can be measured: ${answer.broke}`];
  return usual.claims.flatMap(({ claim, reached }, at) =>
    reached && answer.claims[at]?.reached !== true ? [claim] : [],
  );
};
