import { createServer, type Server } from "node:net";

// Below the range from which systems draw source ports (32768 and up on Linux, 49152 elsewhere), so
// that while its owner is dead no outgoing connection can take a port that must be found again.
const LOWEST = 10_240;
const BLOCK = 64;
const BLOCKS = 352;

/**
 * A port on 127.0.0.1 that nobody listens on, and that no other call, in whatever process, is given
 * while this process lives: a port that its owner has left goes on refusing. Throws once all are given.
 */
export const freePort = async (): Promise<number> => {
  const { value } = await ports.next();
  if (value === undefined) throw new Error(`no free port from ${LOWEST} to ${LOWEST + BLOCKS * BLOCK - 1}`);
  return value;
};

/** The process that listens on the first port of a block owns the whole block, for as long as it lives. */
async function* freePorts(): AsyncGenerator<number, undefined> {
  const start = Math.floor(Math.random() * BLOCKS);
  for (let block = 0; block < BLOCKS; block++) {
    const first = LOWEST + ((start + block) % BLOCKS) * BLOCK;
    const lease = await listen(first);
    if (lease === null) continue;
    lease.unref();
    for (let port = first + 1; port < first + BLOCK; port++) if (await isFree(port)) yield port;
  }
}

const ports = freePorts();

const isFree = async (port: number): Promise<boolean> => {
  const server = await listen(port);
  if (server === null) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
};

const listen = (port: number): Promise<Server | null> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(null));
    server.listen({ port, host: "127.0.0.1" }, () => resolve(server));
  });
