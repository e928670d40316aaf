/** What was simulated, in the numbers the simulator runs on. */
import { DEFAULT_LAYOUT, DEFAULT_NETWORK } from "../layout.ts";
import { meanLoss } from "../loss.ts";
import { WORLDS } from "../worlds.ts";

const share = (part: number): string => `${Number((100 * part).toFixed(2))} %`;

export const worldBlocks = (): (string | string[])[] => {
  const { vantages, intervalMs, timeoutMs, sites, targetsPerSite, skewMaxMs } = DEFAULT_LAYOUT;
  const { loss } = DEFAULT_NETWORK;
  const others = Object.keys(WORLDS)
    .filter((name) => name !== "usual")
    .map((name) => `\`${name}\``);
  return [
    [
      "Nothing here was measured on a real network. A program decides from a seed what befalls whom and when, and every detector looks at the same world. Parallax in it is the production",
      "judge, schedule, outbox and sender in virtual time, without storage and the platform. The judge does not know the model's numbers; still, both were written by the same people, so",
      `part of the claims is measured in worlds that break its assumptions (${others.join(", ")}; yours is a line in \`harness/sim/worlds.ts\`).`,
    ],
    [
      `${vantages} vantages look at ${sites} sites of ${targetsPerSite} targets every ${intervalMs / 1_000} s in even turns, with a timeout of ${timeoutMs / 1_000} s and clocks wrong by up to ${skewMaxMs} ms. One way takes 3 to 150 ms with a tail, a report 40 ms;`,
      `${share(meanLoss(loss))} of packets are lost each way, most of them in bursts of ${loss.badMs / 1_000} s; TCP sends again as it does. A fault lasts a minute unless said otherwise. What no world has:`,
      "networks that degrade because of our probes, firewalls that ban a prober, targets that are slow under load, TLS and HTTP in detail, deploys of Parallax itself.",
    ],
  ];
};
