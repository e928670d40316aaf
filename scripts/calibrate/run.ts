// `npm run calibrate` records what production really returns. It is for the first user with an account, and for later, when production may have changed.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { Client } from "../../src/client/client.ts";
import { VERSION } from "../../src/domain/version.ts";
import { weigh } from "./assumptions.ts";
import { Calibration, valueOf } from "./calibration.ts";
import { NodeControl } from "./node-control.ts";
import { type CalibrationRecord, type Stand, textOf } from "./record.ts";
import { type Settings, settingsOf, USAGE } from "./settings.ts";

/** Something it relies on does not hold; arguments are wrong; it could not be done, or not to its end. */
const EXIT = { held: 0, contradicted: 1, usage: 2, failed: 3 };

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`calibrate: ${line}\n`);

/** A terminal signals npm and us, and npm signals us once more: a second signal within this time has the same meaning. */
const SAME_WISH_MS = 2_000;

/** Calls `stop` at the first signal; a later one ends the process immediately. */
const onSignals = (stop: () => void): void => {
  let begunAt: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (begunAt === undefined) {
        begunAt = performance.now();
        stop();
      } else if (performance.now() - begunAt > SAME_WISH_MS) process.exit(EXIT.failed);
    });
};

const standsOf = async (client: Client, { vantages }: Settings): Promise<Stand[]> => {
  const all = valueOf(await client.vantages.list(), "the detector's vantages could not be read");
  const regional = all.filter(({ kind }) => kind === "regional");
  const unknown = vantages?.find((id) => !regional.some((one) => one.id === id));
  if (unknown !== undefined)
    throw new Error(
      `--vantages: there is no vantage "${unknown}" on Workers; there are ${regional.map(({ id }) => id).join(", ")}`,
    );
  return regional
    .filter(({ id }) => vantages?.includes(id) ?? true)
    .map(({ id, region, colo }) => ({ id, region, colo }));
};

const report = ({ assumptions, troubles }: CalibrationRecord, out: string): void => {
  for (const { id, page, says, held, found } of assumptions) {
    if (held !== "contradicted") continue;
    say(`contradicted: ${id} (${page}): ${says}`);
    for (const line of found) say(`  ${line}`);
  }
  for (const trouble of troubles) say(`not done: ${trouble}`);
  const count = (held: string): number => assumptions.filter((one) => one.held === held).length;
  say(
    `${count("held")} held, ${count("contradicted")} contradicted, ${count("not tried")} not tried. The record is ${out}: it names no host, address or token.`,
  );
};

const calibrate = async (settings: Settings): Promise<number> => {
  const stop = new AbortController();
  onSignals(() => {
    complain("stopping; targets are deleted first");
    stop.abort();
  });
  const client = new Client(settings.url, settings.token);
  const control = new NodeControl(settings.node, settings.port, settings.key);
  const stands = await standsOf(client, settings);
  await control.greet();
  const site = `calibration-${randomBytes(3).toString("hex")}`;
  const { node, port, faults } = settings;
  const calibration = new Calibration({
    client,
    control,
    place: { node, port },
    faults,
    stands,
    site,
    stop: stop.signal,
    say,
  });
  try {
    await calibration.measure();
  } catch (error) {
    calibration.troubles.push((error as Error).message);
  } finally {
    calibration.troubles.push(...(await calibration.end()));
  }
  const isWhole = !stop.signal.aborted && calibration.troubles.length === 0;
  const record: CalibrationRecord = {
    format: "parallax-calibration-1",
    parallax: VERSION,
    madeAt: new Date().toISOString(),
    isWhole,
    troubles: calibration.troubles,
    assumptions: weigh(calibration.measured),
    ...calibration.measured,
  };
  const { hostname } = new URL(settings.url);
  const proxied = faults.flatMap(({ name, url }) =>
    name === "proxied" && url !== undefined ? [new URL(url).hostname] : [],
  );
  await writeFile(settings.out, textOf(record, [settings.token, settings.key, node, hostname, ...proxied]));
  report(record, settings.out);
  if (!isWhole) return EXIT.failed;
  return record.assumptions.some(({ held }) => held === "contradicted") ? EXIT.contradicted : EXIT.held;
};

const main = async (args: string[]): Promise<number> => {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(USAGE);
    return EXIT.held;
  }
  const settings = settingsOf(args, process.env);
  if (typeof settings === "string") {
    process.stderr.write(`calibrate: ${settings}\n\n${USAGE}`);
    return EXIT.usage;
  }
  try {
    return await calibrate(settings);
  } catch (error) {
    complain((error as Error).message);
    return EXIT.failed;
  }
};

process.exitCode = await main(process.argv.slice(2));
