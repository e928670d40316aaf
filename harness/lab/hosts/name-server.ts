// A name server over UDP for one zone of addresses, given as JSON {address, names: {name: IPv4}}.
// It says ready over IPC once it listens, and ends when its parent does.
import { createSocket } from "node:dgram";

interface Settings {
  address: string;
  names: Record<string, string>;
}

const { address, names } = JSON.parse(process.argv[2] ?? "") as Settings;
const HEADER_BYTES = 12;
const TYPE_A = 1;
const NO_SUCH_NAME = 3;
const TTL_S = 1;

/** The question's name, and where its type begins. */
const readName = (message: Buffer): { name: string; end: number } => {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), end: at + 1 };
};

/** RFC 1035, section 4: the question again, and at most one address. */
const answer = (message: Buffer): Buffer => {
  const { name, end } = readName(message);
  const found = names[name];
  const address4 = message.readUInt16BE(end) === TYPE_A ? found : undefined;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(message.readUInt16BE(0), 0);
  header.writeUInt16BE(0x8580 | (found === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(address4 === undefined ? 0 : 1, 6);
  const question = message.subarray(HEADER_BYTES, end + 4);
  if (address4 === undefined) return Buffer.concat([header, question]);
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TTL_S, 6);
  record.writeUInt16BE(4, 10);
  Buffer.from(address4.split(".").map(Number)).copy(record, 12);
  return Buffer.concat([header, question, record]);
};

const socket = createSocket("udp4");
socket.on("message", (message, { port, address: asker }) => {
  if (message.length > HEADER_BYTES + 4) socket.send(answer(message), port, asker);
});
socket.bind(53, address, () => process.send?.({ listening: true }));
process.on("disconnect", () => process.exit());
