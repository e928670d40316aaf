import { Client } from "../../client/client.ts";
import { type Machine, machineWith } from "../shared/process/machine.ts";

/** Everything through which an agent reaches the outside world, except the process it speaks for. Tests replace it. */
export interface AgentPorts extends Machine, Pick<Client, "heartbeat" | "notice"> {}

/** The real world. `state`: where the end of a boot is kept until it is delivered. */
export const agentPorts = (url: string, token: string, state: string | undefined): AgentPorts => {
  const client = new Client(url, token);
  return {
    ...machineWith(state),
    heartbeat: (...call) => client.heartbeat(...call),
    notice: (...call) => client.notice(...call),
  };
};
