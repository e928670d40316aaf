import { createServer } from "node:net";

// Below the range from which systems draw source ports (32768 and up on Linux, 49152 elsewhere), so
// that while its owner is dead no outgoing connection can take a port that must be found again.
const LOWEST = 10_240;
const HIGHEST = 32_767;
const TRIES = 50;

/** A port on 127.0.0.1 that nobody listens on at the moment. */
export const freePort = async (): Promise<number> => {
  for (let left = TRIES; left > 0; left--) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port found in ${TRIES} tries`);
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(true)));
  });
