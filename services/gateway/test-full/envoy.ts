/** Envoy in front of `/live`: what all its configurations here share. */

/** An address of this machine, as Envoy spells it. */
export const envoyAddress = (port: number): object => ({
  socket_address: { address: '127.0.0.1', port_value: port }
})

/** Its health checks: five a second, one that passes suffices; `check` says of what. */
export const envoyHealthCheck = (unhealthyAfter: number, check: object): object => ({
  timeout: '1s',
  interval: '0.2s',
  no_traffic_interval: '0.2s',
  unhealthy_threshold: unhealthyAfter,
  healthy_threshold: 1,
  ...check
})

/** What Envoy does in front of gateways. */
export interface EnvoySetup {
  readonly listen: number
  /** Time after which it ends a connection on which nothing passes. */
  readonly idleMs: number
  /** The cluster `gateways` without its name. */
  readonly cluster: object
}

/** The configuration, as a JSON file has it. */
export const envoyConfig = ({ listen, idleMs, cluster }: EnvoySetup): string =>
  JSON.stringify({
    static_resources: {
      listeners: [{ address: envoyAddress(listen), filter_chains: [{ filters: [httpFilter(idleMs)] }] }],
      clusters: [{ name: 'gateways', connect_timeout: '2s', ...cluster }]
    }
  })

/** Arguments for a run in the foreground on one core. */
export const envoyArgs = (file: string, logLevel: 'error' | 'warn'): readonly string[] => [
  ...['--config-path', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', logLevel]
]

const extension = (name: string): string => `type.googleapis.com/envoy.extensions.filters.${name}`

const httpFilter = (idleMs: number): object => ({
  name: 'envoy.filters.network.http_connection_manager',
  typed_config: {
    '@type': extension('network.http_connection_manager.v3.HttpConnectionManager'),
    stat_prefix: 'live',
    route_config: { virtual_hosts: [{ name: 'live', domains: ['*'], routes: [liveRoute(idleMs)] }] },
    http_filters: [
      { name: 'envoy.filters.http.router', typed_config: { '@type': extension('http.router.v3.Router') } }
    ]
  }
})

const liveRoute = (idleMs: number): object => ({
  match: { prefix: '/live' },
  route: {
    cluster: 'gateways',
    timeout: '0s',
    idle_timeout: `${idleMs / 1000}s`,
    upgrade_configs: [{ upgrade_type: 'websocket' }],
    retry_policy: { retry_on: 'connect-failure', num_retries: 3 }
  }
})
