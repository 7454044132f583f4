import { type Broker, listStreams } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { describeSites, sitesOf } from '../tail/what-is-there.ts'

/** Throws RUN_BAD_OPTION, with the sites that are there, where the streams of a broker hold nothing of a site. */
export async function assertSite(broker: Broker, site: string): Promise<void> {
  const there = await listStreams(broker)
  if (sitesOf(there).includes(site)) return
  throw new AppError('RUN_BAD_OPTION', { detail: `--site ${site}: the broker has ${describeSites(there)}` })
}
