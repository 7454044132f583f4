import type { Logger } from 'pino'
import type { Broker } from './broker.ts'

type Version = readonly [major: number, minor: number, patch?: number]

/** What production needs at least, and why [docs/nats.md#versions]. */
const OLDEST = [2, 14, 9] as const

/** Whether the server of a connection is of that version or a later one. */
export function isServerSince({ serverVersion }: Pick<Broker, 'serverVersion'>, since: Version): boolean {
  const own = serverVersion.split('.').map(part => Number.parseInt(part, 10))
  const at = since.findIndex((part, i) => own[i] !== part)
  return at < 0 || (own[at] ?? 0) > (since[at] ?? 0)
}

/** Warns of a server that is older than production needs: it is tried with newer ones only. */
export function warnOfOldServer(broker: Pick<Broker, 'serverVersion'>, log: Pick<Logger, 'warn'>): void {
  const { serverVersion: server } = broker
  if (isServerSince(broker, OLDEST)) return
  const oldest = OLDEST.join('.')
  log.warn(
    { server, oldest },
    `nats-server ${server} is older than ${oldest}: production needs that or newer`
  )
}
