/** `pnpm forget MTMount:5`: removes the names of components that should never have been. */
import { connectBroker } from '@meridian/broker'
import { createLog } from '@meridian/service'
import { heartbeatOf } from '@meridian/subjects'
import { InvalidArgumentError } from 'commander'
import { createCommand, refuse } from './command-line.ts'
import { assertSite } from './forget/assert-site.ts'
import { forgetComponent } from './forget/forget-component.ts'
import { type BrokerChoice, brokerOf, connectionOf, siteOf } from './tail/broker-of.ts'

interface Instance {
  readonly csc: string
  readonly index: number
}

interface Options extends BrokerChoice {
  readonly site?: string
}

function instanceOf(text: string, others: readonly Instance[] = []): readonly Instance[] {
  const [, csc = '', index] = /^(.*):(\d+)$/.exec(text) ?? []
  const instance = { csc, index: Number(index) }
  if (!isInstance(instance))
    throw new InvalidArgumentError('expected: a component and its index, such as MTMount:5')
  return [...others, instance]
}

function isInstance(instance: Instance): boolean {
  try {
    return heartbeatOf({ site: 'any', ...instance }) !== ''
  } catch {
    return false
  }
}

const program = createCommand('pnpm forget')
  .description('Removes telemetry, heartbeats and events of components from the streams and the gateways.')
  .argument('<instances...>', 'components with their index, such as MTMount:5', instanceOf)
  .option('--site <name>', 'site of the components; default: that of the system that runs there, else summit')
  .option(
    '--nats <url>',
    "broker; default: --data's, else NATS_URL, else the system that runs in .meridian, else port 4222"
  )
  .option('--data <dir>', 'the broker of the system that runs in this data folder')
  .parse()

const { site: named, ...choice } = program.opts<Options>()
try {
  const place = brokerOf(choice)
  const site = siteOf(named, place)
  const log = createLog({ name: 'forget', level: 'fatal', pretty: false })
  const broker = await connectBroker({
    ...connectionOf(place, 'admin'),
    name: 'forget',
    log,
    connectTimeoutMs: 3_000
  })
  process.stderr.write(`forget: connected to ${place.url} (${place.saidBy}), site ${site}\n`)
  await assertSite(broker, site)
  for (const instance of program.processedArgs[0] as readonly Instance[]) {
    const { TEL, EVT } = await forgetComponent(broker, { site, ...instance })
    process.stdout.write(`${instance.csc}:${instance.index}: removed ${TEL} of TEL, ${EVT} of EVT\n`)
  }
  await broker.drain()
} catch (caught) {
  refuse(caught)
}
