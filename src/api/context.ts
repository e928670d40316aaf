import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Bindings, Config } from "../config.ts";
import type { Grant } from "../domain/token.ts";

export interface ApiEnv {
  Bindings: Bindings;
  Variables: {
    /** Set once the request has been admitted. */
    config: Config;
    /** What the request's token opens. */
    grant: Grant;
    /** The sender of the request, where something other than a token identifies it. */
    by?: string;
  };
}

export type Api = OpenAPIHono<ApiEnv>;
export type ApiContext = Context<ApiEnv>;

/** The network's edge, injected so that tests need no network. */
export interface NameLookup {
  /** All addresses of a host name, from a resolver; may reject and may be slow. */
  resolveAddresses: (host: string) => Promise<string[]>;
}
