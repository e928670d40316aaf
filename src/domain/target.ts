import { z } from "zod";
import { parseEndpoint } from "./address.ts";
import { expectFlaws, ExpectSchema } from "./expect.ts";
import { InstantSchema } from "./instant.ts";
import { anyOf, probeKindOf, SCHEMES } from "./kinds.ts";
import { isRecord, type Patch } from "./merge.ts";
import { NameSchema } from "./name.ts";
import { VerdictSchema } from "./verdict.ts";

export const EndpointUrlSchema = z
  .string()
  .max(2048)
  .superRefine((text, context) => {
    const endpoint = parseEndpoint(text);
    if (typeof endpoint === "string") context.addIssue({ code: "custom", message: endpoint });
  });

const FailoverVerdictSchema = VerdictSchema.exclude(["alive", "unknown"]);

/** When a successor may take the target's place, and how much proof that takes. */
export const PolicySchema = z.strictObject({
  /** Verdicts that advise failover once confirmed; `afterMs`: how long the verdict must have held. */
  failoverOn: z
    .array(
      z.union([
        FailoverVerdictSchema,
        z.strictObject({ verdict: FailoverVerdictSchema, afterMs: z.int().min(0).max(3_600_000) }),
      ]),
    )
    .max(8)
    .optional(),
  /**
   * How long a crash must last before failover is advised, since a supervisor may revive the process; default 10 s. A notice with
   * `restarting: false` ends the wait at once.
   */
  restartGraceMs: z.int().min(0).max(3_600_000).optional(),
  /** Confirm `node_dead` without inside evidence, at the risk that the host is only cut off. */
  outsideProof: z.boolean().optional(),
  /** Sound vantages that a quorum needs; default 3, and 5 if 5 are sound. */
  minVantages: z.int().min(1).max(16).optional(),
  /** Distinct network providers a quorum needs. */
  providers: z.int().min(1).max(4).optional(),
  /** Share of probes to this target that are expected to be lost. */
  expectedLoss: z.number().min(0).max(0.5).optional(),
});
export type Policy = z.infer<typeof PolicySchema>;

/** Headers that belong to the connection or to Parallax itself. */
const RESERVED_HEADER =
  /^(host|connection|content-length|transfer-encoding|upgrade|te|trailer|user-agent|cf-.*)$/i;

const HeadersSchema = z
  .record(
    z
      .string()
      .regex(
        /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/,
        "must be a header's name: 1 to 64 ASCII letters, digits and !#$%&'*+.^_`|~-",
      ),
    z.string().regex(/^[\x20-\x7e\t]{0,1024}$/, "must be at most 1024 printable ASCII characters"),
  )
  .superRefine((headers, context) => {
    const names = Object.keys(headers);
    if (names.length > 20) context.addIssue({ code: "custom", message: "must have at most 20 headers" });
    for (const name of names)
      if (RESERVED_HEADER.test(name))
        context.addIssue({
          code: "custom",
          path: [name],
          message: "is set by Parallax itself: leave it out",
        });
  });

const targetShape = z.strictObject({
  url: EndpointUrlSchema,
  intervalMs: z.int().min(5_000).max(3_600_000).default(30_000),
  /** Default: 5,000, or half the interval if that is less. */
  timeoutMs: z.int().min(500).max(10_000).optional(),
  expect: ExpectSchema.optional(),
  headers: HeadersSchema.optional(),
  /** A second port of the same host, which distinguishes "process down" from "host down". */
  witness: EndpointUrlSchema.optional(),
  /** Ids of the vantages that probe it; default: all. */
  vantages: z.array(NameSchema).min(1).max(16).optional(),
  policy: PolicySchema.optional(),
  paused: z.boolean().optional(),
  /** Whether anyone may see its badge, and nothing else of it. Neither vantages nor the judge get this field. */
  publicBadge: z.boolean().optional(),
});

/** Reports fields that do not go together. */
const checkTogether = (target: z.output<typeof targetShape>, context: z.RefinementCtx): void => {
  const complain = (path: (string | number)[], message: string): void => {
    context.addIssue({ code: "custom", path, message });
  };
  if (target.timeoutMs !== undefined && target.timeoutMs >= target.intervalMs)
    complain(["timeoutMs"], `must be below intervalMs (${target.intervalMs})`);
  if (new Set(target.vantages).size !== (target.vantages?.length ?? 0))
    complain(["vantages"], "must not name a vantage twice");
  const endpoint = parseEndpoint(target.url);
  if (typeof endpoint === "string") return;
  for (const { path, message } of target.expect === undefined ? [] : expectFlaws(endpoint, target.expect))
    context.addIssue({ code: "custom", path: ["expect", ...path], message });
  if (target.headers !== undefined && probeKindOf(endpoint.scheme).hasHeaders !== true)
    complain(
      ["headers"],
      `are for ${anyOf(SCHEMES.filter((each) => probeKindOf(each).hasHeaders))} targets only: leave them out`,
    );
};

/** A target as requested. */
export const TargetSchema = targetShape.superRefine(checkTogether);
export type TargetRequest = z.infer<typeof TargetSchema>;
/** The same as it is sent: fields with a default may be left out. */
export type TargetBody = z.input<typeof TargetSchema>;

/** A target's configuration with its defaults filled in. */
export type TargetConfig = TargetRequest & { timeoutMs: number };

/** Fills in what the request left open. */
export const completeTarget = (request: TargetRequest): TargetConfig => ({
  ...request,
  timeoutMs: request.timeoutMs ?? Math.min(5_000, Math.floor(request.intervalMs / 2)),
});

/** What the detector states about a target, beside its configuration. */
const SAID = {
  site: NameSchema,
  target: NameSchema,
  createdAt: InstantSchema,
  updatedAt: InstantSchema,
  warnings: z.array(z.string()),
};

/** The answer of `GET`, `PUT` and `PATCH …/targets/{target}`: secrets masked. */
export const TargetAnswerSchema = targetShape.extend({ ...SAID, timeoutMs: z.int() });
export type TargetAnswer = z.infer<typeof TargetAnswerSchema>;

const readOnly = <S extends z.ZodType>(schema: S) => schema.optional().meta({ readOnly: true });

/** The body of `PUT …/targets/{target}`: the request, and what a `GET` adds to it, so that the answer of a `GET` can be sent back. */
export const TargetBodySchema = targetShape
  .extend({
    site: readOnly(SAID.site),
    target: readOnly(SAID.target),
    createdAt: readOnly(SAID.createdAt),
    updatedAt: readOnly(SAID.updatedAt),
    warnings: readOnly(SAID.warnings),
  })
  .superRefine(checkTogether);

/** The body of `PATCH …/targets/{target}`: the patched target is checked against the schema of a PUT. */
export const TargetPatchSchema = z.custom<Patch>(isRecord, "must be a JSON object").meta({
  type: "object",
  description:
    "A JSON Merge Patch (RFC 7396) of what `GET` shows: `null` takes a field away, a list is replaced whole",
});

/** When a request says that the target was made and last changed; undefined if it does not say. */
export interface SaidAt {
  createdAt?: string | undefined;
  updatedAt?: string | undefined;
}

export const TargetsAnswerSchema = z.strictObject({ targets: z.array(TargetAnswerSchema) });

export const SiteAnswerSchema = z.strictObject({ site: NameSchema, targets: z.int() });
export type SiteAnswer = z.infer<typeof SiteAnswerSchema>;
export const SitesAnswerSchema = z.strictObject({ sites: z.array(SiteAnswerSchema) });
