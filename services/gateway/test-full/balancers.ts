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

const haproxy = (algorithm: 'leastconn' | 'roundrobin'): Balancer => ({
  name: `HAProxy ${algorithm}`,
  program: 'haproxy',
  isLeast: algorithm === 'leastconn',
  args: file => ['-db', '-f', file],
  config: (listen, gateways) => `
defaults
  mode http
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
  retries 3
  option redispatch 1
frontend live
  bind 127.0.0.1:${listen}
  maxconn 4000
  default_backend gateways
backend gateways
  balance ${algorithm}
  option httpchk GET /readyz
${gateways.map(port => `  server g${port} 127.0.0.1:${port} check inter 200ms fall 2 rise 1\n`).join('')}
`
})

/**
 * Without `max_fails=0` a backend that once refused gets one connection per `fail_timeout`, until the first of
 * these has ended well: a WebSocket does so hours later.
 */
const nginx: Balancer = {
  name: 'nginx least_conn',
  program: 'nginx',
  isLeast: true,
  args: (file, folder) => ['-p', folder, '-c', file],
  config: (listen, gateways) => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream gateways {
    zone gateways 256k;
    least_conn;
${gateways.map(port => `    server 127.0.0.1:${port} max_fails=0;\n`).join('')}
  }
  server {
    listen 127.0.0.1:${listen};
    location /live {
      proxy_pass http://gateways;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_set_header Host $http_host;
      proxy_read_timeout 1h;
      proxy_next_upstream error timeout http_503;
    }
  }
}
`
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
