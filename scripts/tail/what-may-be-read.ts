import { brokerRights } from '@meridian/auth/broker'

/** For a person: what an observer of a site may read, by the table of rights. */
export function describeReadable(site: string): string {
  const { subscribe, streams } = brokerRights.observer(site)
  const held = Object.entries(streams).flatMap(([name, rights]) => (rights?.includes('read') ? [name] : []))
  return `an observer of ${site} may read ${subscribe.join(', ')}; with --last and --once, what ${held.join(', ')} hold`
}
