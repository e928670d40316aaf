import { Conversation, type Question } from "./conversation.ts";

const LAST_ANSWER_WITHIN_MS = 20_000;

/** The outcome of some load. Times in milliseconds, from the instant each question was due until it was answered. */
export interface Load {
  answers: number;
  perSecond: number;
  timesMs: number[];
}

/**
 * Asks for `durationMs` on so many keep-alive connections, each again as soon as it is answered, and waits for the last answers. Connection
 * n repeats the question n. Connecting is not timed. Rejects on a wrong answer.
 */
export const ask = async (questions: Question[], connections: number, durationMs: number): Promise<Load> => {
  const asked = Array.from(
    { length: connections },
    (_, index) => questions[index % questions.length] as Question,
  );
  // New connections for each turn: workerd closes a connection that is idle for 5 s.
  const open = await Promise.all(asked.map(({ port }) => Conversation.open(port)));
  const timesMs: number[] = [];
  const begin = performance.now();
  try {
    const talks = open.map((conversation, index) =>
      talk(conversation, asked[index] as Question, begin + durationMs, timesMs),
    );
    await within(durationMs + LAST_ANSWER_WITHIN_MS, Promise.all(talks));
    return {
      answers: timesMs.length,
      perSecond: (1_000 * timesMs.length) / (performance.now() - begin),
      timesMs,
    };
  } finally {
    for (const conversation of open) conversation.close();
  }
};

const within = async <T>(limitMs: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), limitMs);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/** Asks on one connection until `end`. */
const talk = (
  conversation: Conversation,
  question: Question,
  end: number,
  timesMs: number[],
): Promise<void> =>
  new Promise((resolve, reject) => {
    const next = (): void => {
      const began = performance.now();
      conversation.ask(question, (error) => {
        if (error !== undefined) return reject(error);
        const now = performance.now();
        timesMs.push(now - began);
        if (now < end) next();
        else resolve();
      });
    };
    next();
  });

const MAX_CONNECTIONS = 256;
const EVERY_MS = 2;

/**
 * Asks at a rate that does not depend on the answers: if no connection is free, a due question waits for one while its time runs. The
 * questions take turns. Rejects on a wrong answer.
 */
export const askAtRate = async (
  questions: Question[],
  perSecond: number,
  durationMs: number,
): Promise<Load> => {
  const [first] = questions as [Question];
  const idle: Conversation[] = [];
  const all = new Set<Conversation>();
  const timesMs: number[] = [];
  const failed: Error[] = [];
  let asked = 0;
  let opening = 0;
  const begin = performance.now();
  const total = Math.round((perSecond * durationMs) / 1_000);
  const dueAt = (index: number): number => begin + (1_000 * index) / perSecond;
  const open = async (): Promise<void> => {
    opening++;
    try {
      const conversation = await Conversation.open(first.port);
      all.add(conversation);
      idle.push(conversation);
    } catch (error) {
      failed.push(error as Error);
    } finally {
      opening--;
    }
  };
  const send = (): void => {
    while (asked < total && dueAt(asked) <= performance.now()) {
      // In turn, so that no connection is idle for long.
      const conversation = idle.shift();
      if (conversation?.isOpen === false) {
        all.delete(conversation);
        continue;
      }
      if (conversation === undefined) {
        if (all.size + opening < MAX_CONNECTIONS) void open();
        return;
      }
      const due = dueAt(asked);
      conversation.ask(questions[asked++ % questions.length] as Question, (error) => {
        if (error !== undefined) return void failed.push(error);
        timesMs.push(performance.now() - due);
        idle.push(conversation);
      });
    }
  };
  try {
    while (timesMs.length < total) {
      if (failed[0] !== undefined) throw failed[0];
      if (performance.now() > begin + durationMs + LAST_ANSWER_WITHIN_MS)
        throw new Error(`${total - timesMs.length} of ${total} reads unanswered`);
      send();
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    return { answers: total, perSecond: (1_000 * total) / (performance.now() - begin), timesMs };
  } finally {
    for (const conversation of all) conversation.close();
  }
};
