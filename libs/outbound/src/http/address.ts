import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** An exception to the rule that only public addresses are called; without a port it opens all of them. */
export interface Permit {
  network: Network;
  port?: number;
}

// These give out credentials of the host itself: no list of exceptions, however wide, may open them.
const METADATA = new Set([
  // AWS, Google, Azure and most others; AWS for containers (ECS, EKS); Azure's host, which has a public address; Alibaba.
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '168.63.129.16',
  '100.100.100.200',
  // AWS, AWS for containers, Google.
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
]);

// All that is global unicast in IPv6 today; outside of it stand the forms that carry an IPv4 address inside.
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Reads `10.0.0.0/8`, `10.1.2.3`, `127.0.0.1:3001`, `fd00::/8` or `[::1]:3001`; throws with a sentence that names the entry. */
export function parsePermit(entry: string): Permit {
  const withPort = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+)):(?<port>\d{1,5})$/.exec(entry.trim())?.groups;
  const text = withPort?.v6 ?? withPort?.v4 ?? entry.trim();
  const [address = '', bits] = text.split('/');
  const widest = isIP(address) === 4 ? 32 : 128;
  if (isIP(address) === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= widest)))
    throw new Error(
      `EGRESS_ALLOW: "${entry}" is not a network such as 10.0.0.0/8, nor an address with a port.`,
    );
  const port = withPort && Number(withPort.port);
  return { network: [ipaddr.parse(address), bits === undefined ? widest : Number(bits)], port };
}

/** Whether one of the permits covers the address at this port. */
export const isPermitted = (permits: readonly Permit[], address: string, port: number): boolean => {
  const parsed = ipaddr.parse(address);
  return permits.some(
    ({ network, port: only }) =>
      (only === undefined || only === port) && network[0].kind() === parsed.kind() && parsed.match(network),
  );
};

/** Whether the address belongs to the open internet: not private, loopback, link-local, shared, multicast, reserved, nor an IPv6 form that hides an IPv4 address. */
export function isPublic(address: string): boolean {
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6);
}

/** Whether the address is a cloud's metadata service, also when written as IPv4-mapped IPv6. */
export const isMetadata = (address: string): boolean => METADATA.has(ipaddr.process(address).toString());
