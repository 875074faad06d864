import type { RegionState } from './state.ts';

const NAMESPACES: Readonly<Record<string, string>> = {
  fcu: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  lbu: 'http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/',
  eim: 'https://iam.amazonaws.com/doc/2010-05-08/',
};

/** The inside of an answer of the AWS-style services; undefined for a call that they do not have. */
export function xmlResult(region: RegionState, service: string, action: string): string | undefined {
  switch (`${service} ${action}`) {
    case 'fcu DescribeRegions':
      return `<regionInfo><item><regionName>${region.regionName}</regionName><regionEndpoint>fcu.${region.regionName}.outscale.com</regionEndpoint></item></regionInfo>`;
    case 'fcu DescribeAvailabilityZones':
      return `<availabilityZoneInfo>${region.subregions
        .map((name) => `<item><zoneName>${name}</zoneName><zoneState>available</zoneState></item>`)
        .join('')}</availabilityZoneInfo>`;
    case 'fcu DescribeInstances':
      return '<reservationSet/>';
    case 'lbu DescribeLoadBalancers':
      return `<DescribeLoadBalancersResult><LoadBalancerDescriptions>${[...region.loadBalancers.keys()]
        .map((name) => `<member><LoadBalancerName>${name}</LoadBalancerName></member>`)
        .join('')}</LoadBalancerDescriptions></DescribeLoadBalancersResult>`;
    case 'eim ListUsers':
      return '<ListUsersResult><Users/><IsTruncated>false</IsTruncated></ListUsersResult>';
    default:
      return undefined;
  }
}

/** The whole document around it; FCU puts the id of the request first, the others last, in a field of its own. */
export function xmlDocument(service: string, action: string, inside: string, requestId: string): string {
  const name = `${action}Response`;
  const body =
    service === 'fcu'
      ? `<requestId>${requestId}</requestId>${inside}`
      : `${inside}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${NAMESPACES[service]}">${body}</${name}>`;
}
