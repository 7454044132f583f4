// A2: what rights cost a gateway. One in open mode and one whose clients have all logged in stand side by side at one
// broker: the same load to the same views at the same time, then views that are matched with very many subjects.

import { createSigner } from '@meridian/auth'
import { startTestSite } from '@meridian/broker/testing'
import { patternOf, telemetryOf } from '@meridian/subjects'
import { cpuUsOf, rounded } from './cpu.ts'
import { type Delivery, isValid, measureDelivery } from './delivery.ts'
import type { ClientsPlan } from './gateway-clients.ts'
import {
  type Clients,
  createSampler,
  lastSeqOf,
  settle,
  startClients,
  startPublishing
} from './gateway-world.ts'
import type { BenchOptions, BenchResult } from './result.ts'
import { type ServiceProcess, startService } from './service-process.ts'

const SITE = 'summit'
const CLIENTS = 100
const PER_SECOND = 500
const SUBJECTS = 50
const KNOWN = 50_000
const VIEWS = 100
/** Beyond this it is more than the noise between two processes of the same kind. */
const MOST_RATIO = 1.1

type Broker = Awaited<ReturnType<typeof startTestSite>>['broker']

/** One of the two gateways, and the token that its clients show. */
interface Door {
  readonly gateway: ServiceProcess
  readonly token?: string
}

/** Measures the message, then the view. */
export async function run({ seconds }: BenchOptions): Promise<BenchResult> {
  const { nats, broker, stop } = await startTestSite({ buckets: true })
  const doors: Door[] = []
  try {
    doors.push({ gateway: await startService('gateway', nats.url, {}) })
    doors.push({
      gateway: await startService('gateway', nats.url, { AUTH_MODE: 'local' }),
      token: await tokenOf(broker)
    })
    const messages = await deliver(broker, doors, seconds)
    await fill(broker)
    const views: number[] = []
    for (const door of doors) views.push(await cpuMsPerView(door))
    return resultOf(messages, views)
  } finally {
    await Promise.all(doors.map(({ gateway }) => gateway.stop()))
    await stop()
  }
}

async function tokenOf(broker: Broker): Promise<string> {
  const signer = createSigner({ broker, site: SITE, keys: { has: () => false }, lifeSeconds: 3_600 })
  const { token } = await signer.sign({
    name: 'ada',
    roles: ['operator'],
    userRevision: 1,
    session: 's1',
    host: '127.0.0.1'
  })
  return token
}

const clientsAt = ({ gateway, token }: Door, plan: Omit<ClientsPlan, 'port' | 'token'>): Promise<Clients> =>
  startClients({
    ...plan,
    port: Number(new URL(gateway.address).port),
    ...(token !== undefined && { token })
  })

/** The same load through both at the same time. */
async function deliver(
  broker: Broker,
  doors: readonly Door[],
  seconds: number
): Promise<readonly Delivery[]> {
  const of = { site: SITE, csc: 'Bench', topic: 'topic' }
  const subjects = Array.from({ length: SUBJECTS }, (_, index) => telemetryOf({ ...of, index }))
  const patterns = [{ pattern: patternOf('tel', of), quality: 'all' }]
  const clients: Clients[] = []
  for (const door of doors) clients.push(await clientsAt(door, { clients: CLIENTS, patterns }))
  const load = startPublishing(broker, { perSecond: PER_SECOND, subjects, payload: createSampler(200) })
  const runs = doors.map(({ gateway }, at) =>
    measureDelivery({
      ...{ clients: clients[at] as Clients, receivers: CLIENTS, seconds, serverPid: gateway.pid },
      published: () => lastSeqOf(broker, 'TEL')
    })
  )
  const measured = await Promise.all(runs)
  load.stop()
  await Promise.all(clients.map(some => some.stop()))
  return measured
}

/** Makes both know very many subjects. */
async function fill(broker: Broker): Promise<void> {
  const sample = createSampler(200)
  for (let n = 0; n < KNOWN; n++) {
    const subject = telemetryOf({
      site: SITE,
      csc: 'Camera',
      index: n % 10,
      topic: `topic${Math.floor(n / 10)}`
    })
    broker.publish(subject, sample(subject))
    if (n % 1_000 === 0) await broker.flush()
  }
  await broker.flush()
  await settle(5_000)
}

/** Each view is another one, so that each is matched by itself. */
async function cpuMsPerView(door: Door): Promise<number> {
  const pattern = telemetryOf({ site: SITE, csc: 'Camera', index: 3, topic: 'topic7' }).replace(
    '.Camera.',
    '.*.'
  )
  const before = cpuUsOf(door.gateway.pid)
  const clients = await clientsAt(door, { clients: VIEWS, patterns: [{ pattern }], own: 'silent' })
  const ms = (cpuUsOf(door.gateway.pid) - before) / 1_000 / VIEWS
  await clients.stop()
  return ms
}

function resultOf(messages: readonly Delivery[], views: readonly number[]): BenchResult {
  const [open = Number.NaN, local = Number.NaN] = messages.map(({ perMessageUs }) => perMessageUs)
  const [openMs = Number.NaN, localMs = Number.NaN] = views
  const ratio = local / open
  return {
    id: 'A2',
    what: `a gateway whose clients have logged in beside one in open mode, ${CLIENTS} clients each, ${PER_SECOND} msg/s`,
    target: `a message costs the same (ratio <= ${MOST_RATIO})`,
    figures: {
      'CPU us per delivered message, open': rounded(open, 3),
      'CPU us per delivered message, logged in': rounded(local, 3),
      ratio: rounded(ratio, 3),
      [`CPU ms per view, ${KNOWN.toLocaleString('en')} subjects, open`]: rounded(openMs, 2),
      [`CPU ms per view, ${KNOWN.toLocaleString('en')} subjects, logged in`]: rounded(localMs, 2)
    },
    reached: messages.every(isValid) ? ratio <= MOST_RATIO : 'invalid',
    notes: [
      `both at the same time at one broker; then ${VIEWS} connections with a view each that no other has: accepted, identified, matched and answered`
    ]
  }
}
