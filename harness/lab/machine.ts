import { NodeProcess } from "../nodes/process.ts";
import { type Fault, linkDown } from "./fault.ts";
import { onHost } from "./namespace.ts";
import { addressOf, gatewayOf, type Host, interfaceTo, LINKS, type Site } from "./topology.ts";

export const SERVICE_PORT = 8080;
export const WITNESS_PORT = 2222;

/** A host of a site with its real processes: the watched service, and the witness beside it. */
export class Machine {
  readonly host: Host;
  readonly site: Site;
  readonly service: NodeProcess;
  readonly witness: NodeProcess | undefined;

  private constructor(host: Host, site: Site, service: NodeProcess, witness: NodeProcess | undefined) {
    this.host = host;
    this.site = site;
    this.service = service;
    this.witness = witness;
  }

  /** Starts a service on a host, by default with a witness; resolves once they listen. */
  static async start(host: Host, site: Site, port = SERVICE_PORT, hasWitness = true): Promise<Machine> {
    const place = { host: addressOf(host), within: onHost(host) };
    const service = await NodeProcess.startAt({ ...place, port });
    const witness = hasWitness
      ? await NodeProcess.startAt({ ...place, port: WITNESS_PORT }, { protocol: "tcp" })
      : undefined;
    return new Machine(host, site, service, witness);
  }

  get address(): string {
    return addressOf(this.host);
  }

  /** SIGKILL to the service; undone: it is started again. */
  crash(): Fault {
    let dead = false;
    return {
      apply: async () => {
        dead = true;
        await this.service.kill();
      },
      undo: async () => {
        if (dead) await this.service.revive();
        dead = false;
      },
    };
  }

  /** SIGSTOP to the service. */
  freeze(): Fault {
    let frozen = false;
    return {
      apply: async () => {
        frozen = true;
        this.service.freeze();
      },
      undo: async () => {
        if (frozen) this.service.thaw();
        frozen = false;
      },
    };
  }

  /** The whole host: its interface goes down, then all of its processes are killed. */
  die(): Fault {
    const near = LINKS.find(({ ends }) => ends[1] === this.host)?.addresses[0] ?? "";
    const cable = linkDown(this.host, interfaceTo(gatewayOf(this.site)), [`default via ${near}`]);
    const processes = [this.service, this.witness].filter((process) => process !== undefined);
    let dead = false;
    return {
      apply: async () => {
        dead = true;
        await cable.apply();
        await Promise.all(processes.map((process) => process.kill()));
      },
      undo: async () => {
        await cable.undo();
        if (dead) await Promise.all(processes.map((process) => process.revive()));
        dead = false;
      },
    };
  }
}
