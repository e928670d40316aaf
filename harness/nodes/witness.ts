import { createServer, type Socket } from "node:net";
import { freePort } from "../../scripts/port.ts";

/** A second port of a host, in another process than its nodes: as its SSH port is, it goes on answering when they die. */
export interface WitnessPort {
  port: number;
  url: string;
  /** How many connections it has taken so far. */
  connections: () => number;
  close: () => Promise<void>;
}

/** Opens one in this very process. `host`: where to listen; default: loopback. */
export const openWitness = async (host = "127.0.0.1"): Promise<WitnessPort> => {
  const port = await freePort();
  const open = new Set<Socket>();
  let taken = 0;
  const server = createServer((socket) => {
    open.add(socket);
    taken += 1;
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port,
    url: `tcp://${host}:${port}`,
    connections: () => taken,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
};
