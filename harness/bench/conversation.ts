// A keep-alive connection that does as little as it can: if asking took more time than what is measured, every ratio would come out as 1.
import { connect, type Socket } from "node:net";

/** What to ask, and the status that must come back. */
export interface Question {
  port: number;
  path: string;
  token: string;
  status: number;
}

/** One question at a time, each answered in full before the next. */
export class Conversation {
  readonly #socket: Socket;
  #held: Buffer = Buffer.alloc(0);
  #expected = "";
  #answered: ((error?: Error) => void) | undefined;
  #isOpen = true;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => {
      this.#isOpen = false;
      this.#end(new Error("the connection was closed"));
    });
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
  }

  static open(port: number): Promise<Conversation> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new Conversation(socket));
      });
    });
  }

  /** False once the other side has closed it, as workerd closes a connection that is idle for 5 s. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Sends at once; calls `answered` once, with an error if the answer is wrong or none will come. */
  ask(question: Question, answered: (error?: Error) => void): void {
    this.#expected = `HTTP/1.1 ${question.status} `;
    this.#answered = answered;
    this.#socket.write(requestOf(question));
  }

  close(): void {
    this.#answered = undefined;
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const held = this.#held;
    const length = answerLength(held);
    if (length === undefined || held.length < length) return;
    const isRight =
      held.length === length && held.toString("latin1", 0, this.#expected.length) === this.#expected;
    this.#held = Buffer.alloc(0);
    this.#end(isRight ? undefined : new Error(`a wrong answer: ${held.toString("utf8", 0, 400)}`));
  }

  #end(error?: Error): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(error);
  }
}

const requests = new Map<Question, Buffer>();

const requestOf = (question: Question): Buffer => {
  const known = requests.get(question);
  if (known !== undefined) return known;
  const { port, path, token } = question;
  const made = Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  );
  requests.set(question, made);
  return made;
};

/** Bytes of the whole answer, or undefined while its head is not complete. */
const answerLength = (held: Buffer): number | undefined => {
  const end = held.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(held.toString("latin1", 0, end)) ?? [];
  return length === undefined ? NaN : end + 4 + Number(length);
};
