/** Cuts between hosts, made by packet filters on the routers between them. */
import { type Fault, filterOn } from "./fault.ts";
import { addressOf, CORE, gatewayOf, type Host, interfaceTo, networkOf, type Site } from "./topology.ts";

const towards = (vantage: Host, site: Site): string =>
  `ip saddr ${addressOf(vantage)} ip daddr ${networkOf(site)} drop`;
const back = (vantage: Host, site: Site): string =>
  `ip saddr ${networkOf(site)} ip daddr ${addressOf(vantage)} drop`;

/** The paths between these vantages and a site. */
export const cutPaths = (
  vantages: readonly Host[],
  site: Site,
  direction: "both" | "towards" | "back" = "both",
): Fault =>
  filterOn(CORE, {
    forward: vantages.flatMap((vantage) => [
      ...(direction === "back" ? [] : [towards(vantage, site)]),
      ...(direction === "towards" ? [] : [back(vantage, site)]),
    ]),
  });

/** Everything that crosses a site's gateway towards the core or from it. */
export const cutSite = (site: Site): Fault => {
  const uplink = interfaceTo(CORE);
  const rules = [`iifname ${uplink} drop`, `oifname ${uplink} drop`];
  return filterOn(gatewayOf(site), { forward: rules, input: rules.slice(0, 1), output: rules.slice(1) });
};

/** At a site's gateway: whatever comes for one host from outside meets `end`. */
export const banAtGateway = (
  site: Site,
  address: string,
  end: "drop" | "reject with tcp reset" | "reject with icmpx host-unreachable",
): Fault => {
  const isTcp = end === "reject with tcp reset" ? "meta l4proto tcp " : "";
  return filterOn(gatewayOf(site), {
    forward: [`ip saddr != ${networkOf(site)} ip daddr ${address} ${isTcp}${end}`],
  });
};
