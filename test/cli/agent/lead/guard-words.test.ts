import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { read, type GuardOrder, write } from "../../../../src/cli/agent/lead/guard-words.ts";

it("words come whole and in order, and one that its writer was killed in is none", async () => {
  const pipe = new PassThrough();
  const heard: GuardOrder[] = [];
  const closed = new Promise<void>((resolve) => read<GuardOrder>(pipe, (word) => heard.push(word), resolve));
  write(pipe, { kind: "running", group: 7, number: 1 });
  write(pipe, { kind: "fence", cause: "lease", number: 2 });
  pipe.end('{"kind":"stand-do');
  await closed;
  expect(heard).toEqual([
    { kind: "running", group: 7, number: 1 },
    { kind: "fence", cause: "lease", number: 2 },
  ]);
});
