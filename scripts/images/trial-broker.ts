import { bucketTable, connectBroker, ensureBuckets, ensureStreams, streamTable } from '@meridian/broker'
import { createLog } from '@meridian/service'
import { startNats, type TestNats } from '@meridian/testing'

/** Starts a broker on loopback that has the streams and buckets of a site, in the sizes of a laptop. */
export async function startTrialBroker(site: string): Promise<TestNats> {
  const nats = await startNats()
  const log = createLog({ name: 'images', level: 'error', pretty: false })
  const broker = await connectBroker({ servers: nats.url, name: 'images', log })
  try {
    await ensureStreams(broker, streamTable(site, 'laptop'), log)
    await ensureBuckets(broker, bucketTable('laptop'))
    return nats
  } catch (error) {
    await nats.stop()
    throw error
  } finally {
    await broker.drain()
  }
}
