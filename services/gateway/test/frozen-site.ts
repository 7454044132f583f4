import { fileURLToPath } from 'node:url'
import { type Broker, lastMessage } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import type { WireError } from '@meridian/errors'
import { parseCommandAnswer, parseExecRequest } from '@meridian/protocol/commands'
import { encodeSample } from '@meridian/sample'
import { commandOf, execOf, heartbeatOf, intakeByIdOf } from '@meridian/subjects'
import { type ServiceProcess, startService, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import type { Test } from 'tap'

// Commanders that stand still, as a suspended machine does, with real signals; doors of a running system ask
// meanwhile. A telescope must not move seconds after its operator was told that nobody answered.

const SITE = 'summit'
const mount = { site: SITE, csc: 'MTMount', index: 0 }

/** What a door said of a command. */
export interface Outcome {
  readonly status?: number
  readonly state?: string
  readonly error?: WireError
  readonly warning?: WireError
}

/** A mount that beats and executes, an api, and commanders that can be stopped in their tracks. */
export interface FrozenSite {
  readonly broker: Broker
  readonly natsUrl: string
  /** Commands that the mount was told to execute. */
  readonly told: { id: string; command: string }[]
  readonly commanders: readonly ServiceProcess[]
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** One heartbeat of the mount now. */
  beat(): void
  newId(): string
  byHttp(id: string, command: string): Promise<Outcome>
  byNats(id: string, command: string): Promise<Outcome>
  isAccepted(id: string): Promise<boolean>
  /** Asks until the commanders answer again and a command went through: what waited before has been read. */
  goesThrough(command: string): Promise<string>
}

/** Starts one of the site's services on a broker. */
export const startAt = (
  natsUrl: string,
  name: string,
  settings: Record<string, string> = {}
): Promise<ServiceProcess> =>
  startService(fileURLToPath(new URL(`../../${name}`, import.meta.url)), {
    ...{ NATS_URL: natsUrl, SITE, PORT: '0' },
    ...settings
  })

/** Starts everything with so many commanders; it ends with the test. */
export async function startFrozenSite(t: Test, count: number): Promise<FrozenSite> {
  const { nats, broker, stop } = await startTestSite()
  t.teardown(stop)
  const [api, ...commanders] = await Promise.all([
    startAt(nats.url, 'api'),
    ...Array.from({ length: count }, (_, n) => startAt(nats.url, 'commander', { NAME: `commander${n}` }))
  ])
  t.teardown(() => Promise.all([api, ...commanders].map(service => service.stop())))
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
    for (const { child } of commanders) child.kill(name)
  }
  t.teardown(() => signal('SIGCONT'))

  const told: { id: string; command: string }[] = []
  const beat = (): void => {
    const now = taiSecondsOf(Date.now())
    const fields = Uint8Array.of(0x80)
    const stamps = { sndStamp: now, rcvStamp: now, seqNum: 1, origin: 1 }
    const sample = { ...stamps, identity: 't', revCode: '', fields, uncatalogued: false }
    broker.publish(heartbeatOf(mount), encodeSample(sample))
  }
  const timer = setInterval(beat, 500)
  t.teardown(() => clearInterval(timer))
  broker.subscribe(`${execOf(mount, 'x').slice(0, -1)}*`, message => {
    told.push(parseExecRequest(message))
    message.respond(JSON.stringify({ ack: 303 }))
  })

  let ids = 0
  const newId = (): string => `01jd3v8c6qz5n7k2m4x9w${String(++ids).padStart(5, '0')}`
  const byHttp = async (id: string, command: string): Promise<Outcome> => {
    const answer = await fetch(`${api.address}/api/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id, csc: 'MTMount', index: 0, command })
    })
    return { status: answer.status, ...((await answer.json()) as Outcome) }
  }
  return {
    broker,
    natsUrl: nats.url,
    told,
    commanders,
    signal,
    beat,
    newId,
    byHttp,
    byNats: (id, command) =>
      broker.request(commandOf(mount, command), JSON.stringify({ id }), { timeoutMs: 5_000 }).then(
        ({ data }) => parseCommandAnswer(data),
        (err: Error) => ({
          error: { code: (err as Error & { code: string }).code, message: '', canRetry: true }
        })
      ),
    isAccepted: async id => (await lastMessage(broker, 'COMMANDS', intakeByIdOf(SITE, id))) !== undefined,
    async goesThrough(command) {
      const asked = async (): Promise<string | undefined> => {
        const id = newId()
        return (await byHttp(id, command)).state === 'accepted' ? id : undefined
      }
      const done = await waitFor(asked, { what: 'a command is accepted', timeoutMs: 30_000 })
      await waitFor(() => told.some(({ id }) => id === done), { what: 'it is told', timeoutMs: 20_000 })
      return done
    }
  }
}
