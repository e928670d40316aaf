/** One question over UDP, as a resolver asks it (RFC 1035): only as much as it takes to distinguish two addresses. */
import { createSocket } from "node:dgram";

const HEADER = 12;
const TYPE_A = 1;
const CLASS_IN = 1;

/** A query for the A records of a name. */
export const encodeQuery = (id: number, name: string): Buffer => {
  const labels = name.split(".").filter((label) => label !== "");
  const question = labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, "ascii")]);
  const head = Buffer.alloc(HEADER);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(1, 4);
  return Buffer.concat([head, ...question, Buffer.from([0, 0, TYPE_A, 0, CLASS_IN])]);
};

/** The position after a name, compressed or not. */
const skipName = (message: Buffer, from: number): number => {
  let at = from;
  for (;;) {
    const length = message.readUInt8(at);
    if (length >= 0xc0) return at + 2;
    if (length === 0) return at + 1;
    at += length + 1;
  }
};

/** The addresses in an answer; throws if the answer is an error or truncated. */
export const decodeAddresses = (message: Buffer): string[] => {
  const code = message.readUInt16BE(2) & 0xf;
  if (code !== 0) throw new Error(`DNS answer with code ${code}`);
  let at = HEADER;
  for (let left = message.readUInt16BE(4); left > 0; left--) at = skipName(message, at) + 4;
  const addresses: string[] = [];
  for (let left = message.readUInt16BE(6); left > 0; left--) {
    at = skipName(message, at);
    const type = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 8);
    at += 10;
    if (type === TYPE_A) addresses.push([...message.subarray(at, at + length)].join("."));
    at += length;
  }
  return addresses;
};

/** Asks a name server on loopback for a name's addresses. Throws if none come within `withinMs`. */
export const resolve = async (port: number, name: string, withinMs = 2_000): Promise<string[]> =>
  (await resolveTimes(port, name, 1, withinMs))[0] ?? [];

/** The same question so many times at once, from one socket; the answers in the order they came. */
export const resolveTimes = (
  port: number,
  name: string,
  times: number,
  withinMs = 2_000,
): Promise<string[][]> =>
  new Promise((fulfil, reject) => {
    const first = Math.floor(Math.random() * (65_536 - times));
    const open = new Set(Array.from({ length: times }, (_, index) => first + index));
    const answers: string[][] = [];
    const socket = createSocket("udp4");
    const timer = setTimeout(() => end(() => reject(new Error(`no answer for ${name}`))), withinMs);
    const end = (then: () => void): void => {
      clearTimeout(timer);
      socket.close();
      then();
    };
    socket.on("error", (error) => end(() => reject(error)));
    socket.on("message", (message) => {
      if (message.length < HEADER || !open.delete(message.readUInt16BE(0))) return;
      try {
        answers.push(decodeAddresses(message));
        if (open.size === 0) end(() => fulfil(answers));
      } catch (error) {
        end(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    });
    for (const id of open) socket.send(encodeQuery(id, name), port, "127.0.0.1");
  });
