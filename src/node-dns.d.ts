/** The parts of Node's resolver that the Worker uses; Node's own types would bring all of its globals along. */
declare module "node:dns/promises" {
  export const resolve4: (host: string) => Promise<string[]>;
  export const resolve6: (host: string) => Promise<string[]>;
}
