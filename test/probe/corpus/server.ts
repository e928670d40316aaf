import type { Socket } from "node:net";
import { startServer } from "../servers.ts";
import type { Answer } from "./answer.ts";

const answering =
  ({ bytes, after }: Answer) =>
  (socket: Socket): void => {
    let asked = "";
    socket.on("data", (data: Buffer) => {
      asked += data.toString("latin1");
      if (!asked.includes("\r\n\r\n")) return;
      asked = "";
      if (after === "end") socket.end(bytes());
      else socket.write(bytes(), () => void (after === "reset" && socket.resetAndDestroy()));
    });
  };

/**
 * Starts a real listener for each of these answers, in their order. Each answer has a listener of its own: on a shared one, `fetch` would
 * reuse a connection that the server has closed without announcing it.
 */
export const startCorpus = async (
  answers: readonly Answer[],
): Promise<{ ports: number[]; stop: () => Promise<void> }> => {
  const servers = await Promise.all(answers.map((answer) => startServer(answering(answer))));
  return {
    ports: servers.map(({ port }) => port),
    stop: async () => void (await Promise.all(servers.map(({ stop }) => stop()))),
  };
};
