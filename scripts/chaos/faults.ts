import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeClientFrame } from '@meridian/protocol/live'
import { type TestNats, waitFor } from '@meridian/testing'
import { WebSocket } from 'ws'
import { type ChaosSite, type GatewayVictim, SITE, WAIT_MS } from './chaos-site.ts'
import { type Publishing, publishedPattern } from './publishing.ts'
import type { CommandLoad } from './system-load.ts'

/** What a fault may touch. `pick` chooses among so many, the same for the same seed. */
export interface FaultParts {
  readonly site: ChaosSite
  readonly publishing: Readonly<Record<'EVT' | 'TEL', Publishing>>
  readonly commands: CommandLoad
  /** How long something stands still, ms. */
  readonly freezeMs: number
  pick(count: number): number
  /** Resolves when every client has everything again. */
  calm(): Promise<void>
}

/** Does harm, and gives one line that says to whom; the site works again by itself afterwards. */
export type Fault = (parts: FaultParts) => Promise<string>

const STREAMS = ['EVT', 'TEL', 'COMMANDS'] as const
/** Long enough to be seen by every client, and to lose something. */
const SOME_MS = 3_000
/** More than a follower asks for at once: what the server has sent before it stood still is not lost. */
const MORE_THAN_ON_THE_WAY = 1_600

/** The faults of a run, by the name that `--fault` takes and the run prints. */
export const faults: Readonly<Record<string, Fault>> = {
  'kill-gateway': async ({ site, pick }) => kill(gatewayOf(site, pick)),
  'kill-producer': ({ site }) => kill(site.producer),
  'kill-commander': ({ site }) => kill(site.commander),
  'freeze-gateway': async ({ site, pick, freezeMs }) => {
    const victim = gatewayOf(site, pick)
    victim.signal('SIGSTOP')
    await sleep(freezeMs)
    victim.signal('SIGCONT')
    return victim.name
  },
  'block-gateway': async ({ site, pick, freezeMs }) => {
    const victim = gatewayOf(site, pick)
    await victim.evaluate(`for (const end = Date.now() + ${freezeMs / 3}; Date.now() < end; );`)
    return victim.name
  },
  'half-open-clients': async ({ site, pick, freezeMs }) => {
    const victim = gatewayOf(site, pick)
    victim.fromClients.swallow()
    await sleep(freezeMs)
    victim.fromClients.mend()
    return victim.name
  },
  'half-open-broker': async ({ site, pick, freezeMs }) => {
    const victim = gatewayOf(site, pick)
    for (const path of victim.toBroker) path.swallow()
    await sleep(freezeMs)
    for (const path of victim.toBroker) path.mend()
    return victim.name
  },
  'zero-window': zeroWindow,
  'kill-server': async ({ site, pick }) => {
    const server = serverOf(site, pick)
    await server.kill9()
    await sleep(SOME_MS)
    await server.restart()
    await site.cluster.whenHealthy(server)
    return nameOf(site, server)
  },
  'freeze-server': async ({ site, pick, freezeMs }) => {
    const server = serverOf(site, pick)
    await server.freeze()
    await sleep(freezeMs)
    server.thaw()
    await site.cluster.whenHealthy(server)
    return nameOf(site, server)
  },
  'leader-change': async ({ site }) => {
    for (const stream of STREAMS) await site.jetstream(`STREAM.LEADER.STEPDOWN.${stream}`)
    return STREAMS.join(', ')
  },
  'rolling-restart': async ({ site }) => {
    await site.cluster.rollingRestart()
    return 'three servers'
  },
  'delete-consumers': async ({ site }) => {
    let count = 0
    for (const stream of ['EVT', 'TEL']) {
      const { consumers } = (await site.jetstream(`CONSUMER.NAMES.${stream}`)) as { consumers: string[] }
      for (const name of consumers) await site.jetstream(`CONSUMER.DELETE.${stream}.${name}`)
      count += consumers.length
    }
    return `${count} of EVT and TEL`
  },
  purge,
  'remake-stream': async ({ site, publishing: { EVT } }) => {
    await EVT.pause()
    await site.jetstream('STREAM.DELETE.EVT')
    await site.makeStreams()
    EVT.log.cutBack(0)
    EVT.resume()
    return 'EVT'
  },
  'older-backup': olderBackup
}

const gatewayOf = ({ gateways }: ChaosSite, pick: FaultParts['pick']): GatewayVictim =>
  gateways[pick(gateways.length)] as GatewayVictim
const serverOf = ({ cluster }: ChaosSite, pick: FaultParts['pick']): TestNats =>
  cluster.servers[pick(cluster.servers.length)] as TestNats
const nameOf = ({ cluster }: ChaosSite, server: TestNats): string =>
  `server-${cluster.servers.indexOf(server) + 1}`

async function kill(victim: { readonly name: string; killAndRestart(): Promise<void> }): Promise<string> {
  await victim.killAndRestart()
  return victim.name
}

/** A client that asks for everything and reads nothing, beside all the others. */
async function zeroWindow({ site, pick, freezeMs }: FaultParts): Promise<string> {
  const victim = gatewayOf(site, pick)
  const ws = new WebSocket(`ws://127.0.0.1:${victim.port}/live`, ['meridian.v1.json'])
  ws.on('error', () => {})
  ws.on('open', () => {
    const patterns = (['EVT', 'TEL'] as const).map(stream => ({
      ...{ pattern: publishedPattern(SITE, stream), quality: 'all' as const }
    }))
    ws.send(encodeClientFrame('json', { op: 'subscribe', id: 1, patterns }))
    ws.pause()
  })
  await sleep(freezeMs)
  ws.terminate()
  return victim.name
}

/** Both gateways stand still while EVT loses what they have not read. */
async function purge({ site, publishing: { EVT } }: FaultParts): Promise<string> {
  for (const gateway of site.gateways) gateway.signal('SIGSTOP')
  const until = EVT.count() + MORE_THAN_ON_THE_WAY
  EVT.hurry(true)
  await waitFor(() => EVT.count() >= until, { what: 'what the gateways have not read', timeoutMs: WAIT_MS })
  EVT.hurry(false)
  await site.jetstream('STREAM.PURGE.EVT')
  for (const gateway of site.gateways) gateway.signal('SIGCONT')
  return 'EVT, while both gateways stood still'
}

/**
 * The disks of all servers become what they were some seconds ago: the same streams, by name, epoch and time
 * of creation, whose last numbers are used again.
 */
async function olderBackup({ site, publishing, commands, calm }: FaultParts): Promise<string> {
  const { servers } = site.cluster
  const both = Object.values(publishing)
  const stopAll = async (): Promise<void> => {
    await Promise.all(both.map(one => one.pause()))
    await commands.pause()
  }
  const restartAll = async (between: (server: TestNats) => void): Promise<void> => {
    await Promise.all(servers.map(server => server.shutDown()))
    for (const server of servers) between(server)
    await Promise.all(servers.map(server => server.restart()))
    await site.cluster.whenHealthy()
    for (const one of both) one.resume()
  }
  await stopAll()
  const ends = { EVT: await site.lastSeq('EVT'), TEL: await site.lastSeq('TEL') }
  await restartAll(server => cpSync(storeOf(server), backupOf(server), { recursive: true }))
  commands.resume()
  await calm()
  await sleep(SOME_MS)
  await stopAll()
  for (const stream of ['EVT', 'TEL'] as const) publishing[stream].log.cutBack(ends[stream])
  await restartAll(server => {
    rmSync(storeOf(server), { recursive: true })
    cpSync(backupOf(server), storeOf(server), { recursive: true })
    rmSync(backupOf(server), { recursive: true })
  })
  commands.resume()
  return 'all streams'
}

const storeOf = ({ storeDir }: TestNats): string => join(storeDir, 'jetstream')
const backupOf = ({ storeDir }: TestNats): string => join(storeDir, 'backup')
