export { Aggregator } from "./aggregator/object.ts";
export { Vantage } from "./vantage/object.ts";

export default {
  fetch: () => new Response("starting", { status: 503 }),
} satisfies ExportedHandler;
