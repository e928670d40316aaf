// A TCP proxy that passes every byte on late. Settings as JSON {port, to: {host, port}, delayMs}.
// It says ready over IPC once it listens, and ends when its parent does.
import { connect, createServer, type Socket } from "node:net";

interface Settings {
  port: number;
  to: { host: string; port: number };
  delayMs: number;
}

const { port, to, delayMs } = JSON.parse(process.argv[2] ?? "") as Settings;

const passOn = (from: Socket, onto: Socket): void => {
  from.on("data", (bytes: Buffer) => void setTimeout(() => onto.write(bytes), delayMs));
  from.on("end", () => void setTimeout(() => onto.end(), delayMs));
  from.on("error", () => onto.destroy());
};

createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ ...to, allowHalfOpen: true });
  passOn(near, far);
  passOn(far, near);
}).listen(port, "0.0.0.0", () => process.send?.({ listening: true }));
process.on("disconnect", () => process.exit());
