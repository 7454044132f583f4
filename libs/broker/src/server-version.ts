import type { Broker } from './broker.ts'

/** Whether the server of a connection is of that version or a later one. */
export function isServerSince({ serverVersion }: Broker, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = serverVersion.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}
