import { connectBroker, ensureStreams, streamTable } from '@meridian/broker'
import { pino } from 'pino'

// The streams step as a process, for a test that kills it.

const log = pino({ level: 'silent' })
const broker = await connectBroker({ servers: process.argv[2] ?? '', name: 'streams', log })
await ensureStreams(broker, streamTable('summit', 'laptop'), log)
await broker.drain()
