import { posix } from 'node:path'
import { type Resource, type Workload, workloadsOf } from '../resource.ts'

/** Where the broker reads nats.conf, from which `include` counts its paths. */
export const CONF_FOLDER = '/etc/nats'

/** The broker with its nats.conf, where the rendering has both. */
export function brokerOf(
  resources: readonly Resource[]
): { readonly broker: Workload; readonly conf: string } | undefined {
  const broker = workloadsOf(resources).find(({ resource }) => resource.kind === 'StatefulSet')
  const conf = resources.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'nats-conf')
  const text = conf?.data?.['nats.conf']
  return broker === undefined || text === undefined ? undefined : { broker, conf: text }
}

/** Whether the broker knows who speaks to it; otherwise whoever reaches it may do everything. */
export const isKeyed = (conf: string): boolean =>
  /^ *\{ nkey: /m.test(conf) && !/^ *no_auth_user\b/m.test(conf)

/** Whether this is a first look on one machine, as the place `local` is: what is stored ends with the pod of the broker. */
export function isStand(resources: readonly Resource[]): boolean {
  const servers = resources.filter(({ kind }) => kind === 'StatefulSet')
  return (
    servers.length > 0 &&
    servers.every(({ spec }) => (spec?.replicas ?? 1) === 1 && !spec?.volumeClaimTemplates?.length)
  )
}

/** Seconds that a server takes to send its clients away, by default those of nats-server. */
export function lameDuckSecondsOf(conf: string): number {
  const secondsOf = (field: string, orElse: number): number =>
    Number(new RegExp(`^lame_duck_${field}: "(\\d+)s"`, 'm').exec(conf)?.[1] ?? orElse)
  return secondsOf('grace_period', 10) + secondsOf('duration', 120)
}

/** Files that a nats.conf reads: what it includes, certificates and keys. */
export const filesIn = (conf: string): string[] => [
  ...[...conf.matchAll(/\binclude "([^"]+)"/g)].map(([, path = '']) => posix.join(CONF_FOLDER, path)),
  ...[...conf.matchAll(/\b(?:cert|key|ca)_file: "?([^"\s]+)/g)].map(([, path = '']) => path)
]

/** Ports at which a nats.conf listens, that of the monitor apart. */
export const listensAt = (conf: string): number[] =>
  [...conf.matchAll(/^ *port: (\d+)$/gm)].map(([, port]) => Number(port))

/** Ports of the brokers of other sites that a nats.conf dials. */
export const dialsAt = (conf: string): number[] => [
  ...new Set([...conf.matchAll(/\burl: "[^"]*:(\d+)"/g)].map(([, port]) => Number(port)))
]

/** Whether a nats.conf asks clients for TLS. */
export const asksForTls = (conf: string): boolean => /^tls \{/m.test(conf)
