import { type Broker, readStream } from '@meridian/broker'
import type { Client, Update } from '@meridian/client'
import { type Link, type ServiceProcess, waitFor } from '@meridian/testing'
import type { Test } from 'tap'
import type { Half } from './halves.ts'
import { portOf, SITE, startDoor } from './mixed-site.ts'

const TELEMETRY = `tel.${SITE}.MTMount.0.azimuth`
const EVENTS = `evt.${SITE}.MTMount.0.*`
const WATCHED = { TEL: TELEMETRY, EVT: EVENTS }

/** A program with the SDK of a version, that watches one component whole and commands it. */
export interface Watcher {
  readonly half: Half
  /** What became of its streams at each reconnection. */
  readonly outcomes: readonly string[]
  /** Breaks its connection; resolves once it is live at the other gateway, and has more telemetry. */
  moveTo(gateway: ServiceProcess, name: string): Promise<void>
  /** The next connection goes there; resolves once the gateway that it is at has asked it to move, and it did. */
  isAskedTo(gateway: ServiceProcess, name: string): Promise<void>
  /** Slews the mount to another azimuth: when it is accepted, and its final state. */
  slew(): { readonly accepted: Promise<unknown>; readonly state: Promise<string> }
  /** Sequence numbers that it got of each stream after the last values. */
  received(): Readonly<Record<string, readonly number[]>>
  /** Seconds at which the samples that it got were sent. */
  sentTimes(): readonly number[]
}

/** Where a watcher gets in. */
export interface WatcherPlace {
  readonly gateway: ServiceProcess
  /** Address of an api. */
  readonly api: string
  readonly personalToken: string
}

/** Starts one; it ends with the test. */
export async function startWatcher(t: Test, half: Half, place: WatcherPlace): Promise<Watcher> {
  const link = await startDoor(t, place.gateway)
  const { api, personalToken } = place
  const url = `ws://127.0.0.1:${link.port}/live`
  // It is cut off more often than any gateway has to bear.
  const backoff = { baseMs: 50, capMs: 200 }
  const client = await half.createClient({ url, api, personalToken, backoff })
  t.teardown(() => client.close())
  const updates: Update[] = []
  const outcomes: string[] = []
  const patterns = Object.values(WATCHED).map(pattern => ({ pattern, quality: 'all' as const }))
  client.subscribe(patterns, {
    onData: update => updates.push(update),
    onOutcome: ({ kind }) => outcomes.push(kind)
  })
  client.connect()
  const telemetry = (): readonly Update[] => updates.filter(({ subject }) => subject === TELEMETRY)
  const arrived = (name: string): Promise<unknown> => arrivedAt(client, name, () => telemetry().length)
  return {
    half,
    outcomes,
    moveTo: (gateway, name) => {
      breakTo(link, gateway)
      return arrived(name).then(() => {})
    },
    async isAskedTo(gateway, name) {
      link.aim(portOf(gateway))
      await arrived(name)
    },
    slew: createSlews(client),
    received: () =>
      Object.fromEntries(
        Object.keys(WATCHED).map(stream => [stream, updates.filter(isLiveOf(stream)).map(({ seq }) => seq)])
      ),
    sentTimes: () => telemetry().map(({ time }) => time)
  }
}

/** Last values come in any order, and first. */
const isLiveOf =
  (stream: string) =>
  ({ subject, snapshot }: Update): boolean =>
    !snapshot && subject.startsWith(stream.toLowerCase())

function breakTo(link: Link, gateway: ServiceProcess): void {
  link.aim(portOf(gateway))
  link.cut()
  link.mend()
}

/** Resolves once a client is live at the gateway of a name, and has more samples than before. */
async function arrivedAt(client: Client, name: string, samples: () => number): Promise<void> {
  const isThere = (): boolean => client.status().state === 'live' && client.status().gateway === name
  await waitFor(isThere, { what: `live at ${name}: ${JSON.stringify(client.status())}`, timeoutMs: 60_000 })
  const before = samples()
  await waitFor(() => samples() > before + 2, { what: `telemetry by ${name}` })
}

/** Each slew goes to another azimuth than the one before. */
function createSlews(client: Client): Watcher['slew'] {
  let azimuth = 10
  return () => {
    azimuth = azimuth === 10 ? 14 : 10
    const params = { azimuth, elevation: 60 }
    const asked = client.command({ csc: 'MTMount', index: 0, command: 'moveToTarget', params })
    return { accepted: asked.accepted, state: asked.done.then(({ state }) => state) }
  }
}

/** The numbers of a stream that a watcher must have, from the first that it got to the last. */
export async function storedFor(
  broker: Broker,
  stream: 'TEL' | 'EVT',
  got: readonly number[]
): Promise<number[]> {
  const bounds = { toSeq: got.at(-1) ?? 0, maxMessages: 100_000, maxBytes: 10_000_000, timeoutMs: 30_000 }
  const part = { stream, subjects: [WATCHED[stream]], from: { seq: got[0] ?? 1 }, isWithoutData: true }
  const numbers: number[] = []
  for await (const { seq } of readStream(broker, { ...part, ...bounds })) numbers.push(seq)
  return numbers
}
