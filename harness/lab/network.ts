/** Creates the network of the map: namespaces, links, addresses, routes. All of it exists only inside the lab's own parent. */
import { ip, onHost, run } from "./namespace.ts";
import {
  addressOf,
  CONSOLE,
  CONTROL_ADDRESSES,
  CORE,
  DETECTOR,
  gatewayOf,
  HOSTS,
  interfaceTo,
  LINKS,
  type Link,
  NAME_SERVER,
  networkOf,
  SECOND_LINKS,
  SITES,
} from "./topology.ts";

/** Resolves once every host reaches every other by its route. */
export const layOut = async (): Promise<void> => {
  for (const host of HOSTS) if (host !== CONSOLE) await run(["ip", "netns", "add", host]);
  await Promise.all(HOSTS.map((host) => ip(host, "link set lo up")));
  for (const link of [...LINKS, ...SECOND_LINKS]) await connect(link);
  for (const address of [...CONTROL_ADDRESSES, NAME_SERVER]) await ip(CORE, `addr add ${address}/32 dev lo`);
  await Promise.all([CORE, ...SITES.map(gatewayOf)].map(forward));
  for (const { ends, addresses } of LINKS) await ip(ends[1], `route add default via ${addresses[0]}`);
  for (const site of SITES) await ip(CORE, `route add ${networkOf(site)} via ${addressOf(gatewayOf(site))}`);
  for (const { ends, addresses } of SECOND_LINKS)
    await ip(ends[1], `route add ${addressOf(DETECTOR)}/32 via ${addresses[0]}`);
};

/** A second link has its own interface name, since the first link may lead to the same neighbour. */
export const secondInterface = "second";

const connect = async (link: Link): Promise<void> => {
  const [near, far] = link.ends;
  const isSecond = SECOND_LINKS.includes(link);
  const names = isSecond ? [`second-${far}`, secondInterface] : [interfaceTo(far), interfaceTo(near)];
  const home = near === CONSOLE ? [] : ["netns", near];
  const away = far === CONSOLE ? `netns ${process.pid}` : `netns ${far}`;
  await run([
    ..."ip link add name".split(" "),
    names[0] ?? "",
    ...home,
    ...`type veth peer name ${names[1]} ${away}`.split(" "),
  ]);
  for (const [index, host] of link.ends.entries()) {
    const name = names[index] ?? "";
    await ip(host, `addr add ${link.addresses[index]}/30 dev ${name}`);
    await ip(host, `link set ${name} up`);
  }
};

const forward = (host: string): Promise<string> =>
  run([...onHost(host), "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
