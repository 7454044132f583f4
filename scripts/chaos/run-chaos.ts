import { FAULTS, waitFor } from '@meridian/testing'
import { type ChaosClient, openClients, openSdk } from './chaos-clients.ts'
import { type ChaosSite, SITE, startChaosSite, WAIT_MS } from './chaos-site.ts'
import { type FaultParts, faults } from './faults.ts'
import { startPublishing } from './publishing.ts'
import { createSchedule } from './schedule.ts'
import { startCommands, startDevice } from './system-load.ts'

/** What a run does and for how long. */
export interface ChaosOptions {
  readonly seed: number
  /** No fault begins after so many seconds, once each has been done `leastRounds` times. */
  readonly seconds: number
  /** Default: 0. */
  readonly leastRounds?: number
  /** Names of faults; default: every one. */
  readonly only?: readonly string[]
  /** How long something stands still, ms. */
  readonly freezeMs: number
  say(line: string): void
}

/** What came of a run; nothing is wrong where `wrong` is empty. */
export interface ChaosResult {
  readonly faults: number
  readonly published: number
  readonly received: number
  /** Messages that a client was told it may have lost. */
  readonly told: number
  readonly commands: number
  readonly wrong: readonly string[]
}

/**
 * Runs a whole site on a cluster of three servers, does one fault after the other to it, and judges every
 * client by what was published. After each fault all clients must have everything again before the next one.
 * Throws where they do not, or the site does not come back.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const site = await startChaosSite()
  try {
    return await runOn(site, options)
  } finally {
    await site.stop()
  }
}

async function runOn(site: ChaosSite, options: ChaosOptions): Promise<ChaosResult> {
  const { broker, gateways } = site
  const ports = gateways.map(({ port }) => port)
  const publishing = { EVT: startPublishing(broker, SITE, 'EVT'), TEL: startPublishing(broker, SITE, 'TEL') }
  const clients = openClients({ site: SITE, ports, publishing })
  const operator = openSdk(ports)
  const load = { broker, client: operator, site: SITE }
  const device = startDevice(load)
  const commands = startCommands(load)
  const calm = (): Promise<void> => calmOf(clients, publishing)
  let done = 0
  try {
    await calm()
    for (const one of Object.values(publishing)) one.resume()
    await waitFor(() => commands.accepted.size > 0, { what: 'a command accepted', timeoutMs: WAIT_MS })
    done = await doFaults({ site, publishing, commands, freezeMs: options.freezeMs, calm }, options)
    for (const one of Object.values(publishing)) await one.pause()
    await commands.pause()
    await device.stop()
    await calm()
  } finally {
    for (const one of [device, commands, ...Object.values(publishing)]) one.halt()
    for (const client of [...clients, operator]) client.close()
  }
  const reports = clients.map(client => ({ client, report: client.history.report(client.promised) }))
  const sum = (of: (one: (typeof reports)[number]) => number): number =>
    reports.reduce((all, one) => all + of(one), 0)
  return {
    faults: done,
    published: publishing.EVT.count() + publishing.TEL.count(),
    received: sum(({ report }) => report.received),
    told: sum(({ report }) => report.told),
    commands: commands.accepted.size,
    wrong: [
      ...reports.flatMap(({ client, report }) =>
        FAULTS.flatMap(kind =>
          report[kind].map(where => `${client.name} (${client.promised}): ${kind} ${where}`)
        )
      ),
      ...wrongOfDevice(device.history.report('latest')),
      ...[...commands.executions].flatMap(([id, count]) =>
        count > 1 ? [`command ${id} executed ${count} times`] : []
      ),
      ...gateways.flatMap(({ name, lines }) =>
        lines()
          .filter(isDefect)
          .map(line => `${name}: ${line}`)
      )
    ]
  }
}

/** A line of a log that no fault excuses. */
const isDefect = (line: string): boolean => /callback failed|GEN_INTERNAL|connection failed/.test(line)

const wrongOfDevice = (report: Readonly<Record<(typeof FAULTS)[number], readonly string[]>>): string[] =>
  FAULTS.flatMap(kind => report[kind].map(where => `device: ${kind} ${where}`))

/** Does faults as the schedule of the seed has them; gives how many they were. */
async function doFaults(parts: Omit<FaultParts, 'pick'>, options: ChaosOptions): Promise<number> {
  const { seed, seconds, say, leastRounds = 0, only = Object.keys(faults) } = options
  const began = performance.now()
  const secondsSince = (fromMs: number): number => (performance.now() - fromMs) / 1000
  let done = 0
  for (const { name, pick } of createSchedule(only, seed)) {
    if (secondsSince(began) >= seconds && done >= leastRounds * only.length) break
    const faultMs = performance.now()
    const victim = await faults[name]?.({ ...parts, pick })
    const calmMs = performance.now()
    await parts.calm()
    done++
    const took = `${((calmMs - faultMs) / 1000).toFixed(1)} s, calm after ${secondsSince(calmMs).toFixed(1)} s more`
    say(`${secondsSince(began).toFixed(0).padStart(5)} s  ${name}: ${victim}; ${took}`)
  }
  return done
}

/** Resolves when each client has the newest mark of its stream. */
async function calmOf(clients: readonly ChaosClient[], publishing: FaultParts['publishing']): Promise<void> {
  for (const [stream, { mark, markSubject }] of Object.entries(publishing)) {
    const id = await mark()
    for (const client of clients.filter(one => one.stream === stream))
      await waitFor(() => client.last(markSubject) === id, {
        what: `${client.name} has mark ${id} of ${stream}; it has ${client.last(markSubject)}`,
        timeoutMs: WAIT_MS
      })
  }
}
