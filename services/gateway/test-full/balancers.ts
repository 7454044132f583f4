import { readFileSync } from 'node:fs'
import { envoyAddress, envoyArgs, envoyConfig, envoyHealthCheck } from './envoy.ts'
import { findProgram, type ProxyKind, type Proxy as RunningProxy, runProxy } from './proxies.ts'

/** A proxy that spreads new connections over those of its gateways that are ready. */
export interface Balancer {
  readonly name: string
  readonly program: string
  /** It chooses the gateway with the fewest connections, not the next one. */
  readonly isLeast: boolean
  readonly args: ProxyKind['args']
  config(listen: number, gateways: readonly number[]): string
}

/** An example of docs/examples that listens there, in front of these gateways. */
function exampleOf(file: string, listen: number, servers: readonly string[]): string {
  const lines = readFileSync(new URL(`../../../docs/examples/${file}`, import.meta.url), 'utf8').split('\n')
  const isServer = (line: string): boolean => /^ +server .*127\.0\.0\.1:\d+/.test(line)
  const first = lines.findIndex(isServer)
  lines.splice(first, lines.filter(isServer).length, ...servers)
  return lines.join('\n').replace('127.0.0.1:8080', `127.0.0.1:${listen}`)
}

const haproxy = (algorithm: 'leastconn' | 'roundrobin'): Balancer => ({
  name: `HAProxy ${algorithm}`,
  program: 'haproxy',
  isLeast: algorithm === 'leastconn',
  args: file => ['-db', '-f', file],
  config: (listen, gateways) =>
    exampleOf(
      'haproxy.cfg',
      listen,
      gateways.map(port => `  server g${port} 127.0.0.1:${port}`)
    )
      .replace('balance leastconn', `balance ${algorithm}`)
      .replace('inter 1s', 'inter 200ms')
})

/** Nothing of it runs in the background, or writes elsewhere than into its folder. */
const NGINX_ALONE = 'daemon off; master_process off; pid nginx.pid; error_log stderr;'
const NGINX_FOLDERS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
  name => `${name}_temp_path ${name};`
)

const nginx: Balancer = {
  name: 'nginx least_conn',
  program: 'nginx',
  isLeast: true,
  args: (file, folder) => ['-p', folder, '-c', file, '-g', NGINX_ALONE],
  config: (listen, gateways) =>
    exampleOf(
      'nginx.conf',
      listen,
      gateways.map(port => `    server 127.0.0.1:${port} max_fails=0;`)
    ).replace('http {', `http { access_log off; ${NGINX_FOLDERS.join(' ')}`)
}

const clusterOf = (gateways: readonly number[]): object => ({
  lb_policy: 'LEAST_REQUEST',
  // Two backends at random, the emptier one of them, is what Envoy does by itself; more choices come nearer.
  least_request_lb_config: { choice_count: 8 },
  common_lb_config: { healthy_panic_threshold: { value: 0 } },
  health_checks: [envoyHealthCheck(2, { http_health_check: { path: '/readyz' } })],
  load_assignment: {
    cluster_name: 'gateways',
    endpoints: [{ lb_endpoints: gateways.map(port => ({ endpoint: { address: envoyAddress(port) } })) }]
  }
})
const envoy: Balancer = {
  name: 'Envoy least request',
  program: 'envoy',
  isLeast: true,
  args: file => envoyArgs(file, 'error'),
  config: (listen, gateways) => envoyConfig({ listen, idleMs: 3_600_000, cluster: clusterOf(gateways) })
}

/** HAProxy as deployments should have it. */
export const leastConnections: Balancer = haproxy('leastconn')
/** It knows nothing of what its backends have. */
export const roundRobin: Balancer = haproxy('roundrobin')
/** Every balancer that a site puts in front of its gateways. */
export const balancers: readonly Balancer[] = [leastConnections, roundRobin, nginx, envoy]

/** Why a test with this balancer cannot run; false where it can. */
export const whyNot = ({ program }: Balancer): string | false =>
  findProgram(program) === undefined ? `${program} is not installed` : false

/** Starts it in front of gateways on these ports, also of such that do not run yet. */
export const startBalancer = (balancer: Balancer, gateways: readonly number[]): Promise<RunningProxy> =>
  runProxy(balancer, listen => balancer.config(listen, gateways))
