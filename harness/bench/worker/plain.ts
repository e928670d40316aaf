/**
 * The comparison for a read through the API: a plain Hono route whose one call to a Durable Object returns ready-made bytes. It has no
 * token, no names to check and no second path.
 */
import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";

interface Bindings {
  PLAIN: DurableObjectNamespace;
}

interface PlainRpc {
  keep(text: string): Promise<void>;
  read(site: string, target: string): Promise<string>;
}

export class Plain extends DurableObject implements PlainRpc {
  #text = "";

  async keep(text: string): Promise<void> {
    this.#text = text;
  }

  async read(_site: string, _target: string): Promise<string> {
    return this.#text;
  }
}

const plainOf = (env: Bindings): PlainRpc => env.PLAIN.get(env.PLAIN.idFromName("0")) as unknown as PlainRpc;

const app = new Hono<{ Bindings: Bindings }>();

app.put("/bytes", async (c) => {
  await plainOf(c.env).keep(await c.req.text());
  return c.body(null, 204);
});

app.get("/v1/sites/:site/targets/:target/verdict", async (c) =>
  c.body(await plainOf(c.env).read(c.req.param("site"), c.req.param("target")), 200, {
    "Content-Type": "application/json",
  }),
);

export default app;
