/** `pnpm gateways`: a line about all gateways every second, until Ctrl-C. */
import { connectBroker } from '@meridian/broker'
import { createLog } from '@meridian/service'
import { everythingBelow, gatewayLoadOf } from '@meridian/subjects'
import { createCommand, refuse } from './command-line.ts'
import { createSeenGateways } from './gateways/seen-gateways.ts'
import { type BrokerChoice, brokerOf, connectionOf } from './tail/broker-of.ts'

const EVERY_MS = 1_000

const program = createCommand('pnpm gateways')
  .description(
    'Prints what each gateway has: connections, bytes to clients, share of time in which its event loop works. Ctrl-C ends it.'
  )
  .option(
    '--nats <url>',
    "broker; default: --data's, else NATS_URL, else the system that runs in .meridian, else port 4222"
  )
  .option('--data <dir>', 'the broker of the system that runs in this data folder')
  .parse()

process.stdout.on('error', () => process.exit(0))
process.on('SIGINT', () => process.exit(0))
try {
  await watch(program.opts<BrokerChoice>())
} catch (caught) {
  refuse(caught)
}

async function watch(choice: BrokerChoice): Promise<void> {
  const { saidBy, site, ...place } = brokerOf(choice)
  const log = createLog({ name: 'gateways', level: 'fatal', pretty: false })
  const broker = await connectBroker({
    ...connectionOf(place, 'observer'),
    name: 'gateways',
    log,
    connectTimeoutMs: 3_000
  })
  process.stderr.write(`gateways: connected to ${place.url} (${saidBy})\n`)
  const gateways = createSeenGateways()
  // Where the broker knows its users, an observer hears the gateways of its own site and of no other.
  const loads = site === undefined ? everythingBelow('gw', {}) : gatewayLoadOf(site)
  broker.subscribe(loads, message => gateways.hear(message.data))
  setInterval(() => {
    const line = gateways.line()
    if (line !== undefined) process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${line}\n`)
  }, EVERY_MS)
}
