/**
 * Clients that send anything: whatever they do, the gateway lives, serves everybody else, and answers each of
 * them with a code of its own table or a close code. FUZZ_SEED repeats a run, FUZZ_SECONDS makes it longer.
 */
import type { Socket } from 'node:net'
import { codes } from '@meridian/errors'
import { waitFor } from '@meridian/testing'
import fc from 'fast-check'
import t from 'tap'
import { isReady, startGateway } from '../test/gateway-process.ts'
import { LiveClient } from '../test/live-client.ts'
import { startObservatory } from '../test/observatory.ts'
import { type HostileAct, hostileAct } from './hostile-frames.ts'

const CLIENTS = 20
const ACTS = 25
const WAIT_MS = 60_000
const LAST_PING = 77_777
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 60)
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1e6)
/** How the gateway, or `ws` in it, may end a connection that did wrong. */
const CLOSE_CODES = [1002, 1003, 1007, 1008, 1009, 1013]

t.setTimeout((seconds + 120) * 1000)
t.comment(`FUZZ_SEED=${seed}`)
const site = await startObservatory()
t.teardown(() => site.stop())
const gateway = await startGateway(site.nats.url)
t.teardown(() => gateway.end('SIGKILL'))

t.test('hostile clients get a coded answer and disturb nobody', async t => {
  const witness = await LiveClient.open(gateway.port)
  witness.send({ op: 'subscribe', id: 1, patterns: [{ pattern: 'evt.summit.Witness.>' }] })
  await witness.next('live')
  const until = Date.now() + seconds * 1000
  const codesSeen = new Map<string, number>()
  let acts = 0
  let round = 0
  for (; Date.now() < until; round++) {
    const sample = fc.sample(hostileAct, { seed: seed + round, numRuns: CLIENTS * ACTS })
    acts += sample.length
    const results = await Promise.all(
      Array.from({ length: CLIENTS }, (_, at) => attack(sample.slice(at * ACTS, (at + 1) * ACTS), at))
    )
    for (const code of results.flat()) codesSeen.set(code, (codesSeen.get(code) ?? 0) + 1)
    await site.put('evt.summit.Witness.0.round', { round })
    await waitFor(() => witness.seen.at(-1)?.fields['round'] === round, {
      what: `the witness sees round ${round} (FUZZ_SEED=${seed})`,
      timeoutMs: WAIT_MS
    })
  }
  t.comment(`${acts} acts in ${round} rounds: ${JSON.stringify(Object.fromEntries(codesSeen))}`)
  t.same(
    [...codesSeen.keys()].filter(code => !(code in codes) && !CLOSE_CODES.includes(Number(code))),
    [],
    'every answer has a code'
  )
  t.notOk(codesSeen.has('GEN_INTERNAL'), 'nothing was unexpected')
  t.equal(gateway.child.exitCode, null)
  t.ok(await isReady(gateway.port))
  t.same(
    witness.seen.map(({ fields }) => fields['round']).sort(byNumber),
    Array.from({ length: round }, (_, n) => n)
  )
  t.notMatch(gateway.output(), /"level":[56]0/, 'the log has no error')
})

const byNumber = (a: unknown, b: unknown): number => Number(a) - Number(b)

/**
 * Does all acts on one connection; gives the codes that it was answered with. At the end it is closed, or
 * hears the answer to a good ping.
 */
async function attack(acts: readonly HostileAct[], at: number): Promise<string[]> {
  const client = await LiveClient.open(gateway.port, at % 2 === 0 ? 'msgpack' : 'json')
  for (const act of acts) act.kind === 'raw' ? writeRaw(client, act.bytes) : sendFrame(client, act)
  if (client.ws.readyState === client.ws.OPEN) client.send({ op: 'ping', id: LAST_PING })
  await waitFor(() => client.closed !== undefined || client.all('pong').some(({ id }) => id === LAST_PING), {
    what: `an answer to client ${at} (FUZZ_SEED=${seed})`,
    timeoutMs: WAIT_MS
  })
  client.ws.terminate()
  const answers = client.all('error').map(({ error }) => error.code)
  const wasRaw = acts.some(({ kind }) => kind === 'raw')
  const closed =
    client.closed === undefined || (wasRaw && client.closed.code === 1006) ? [] : [String(client.closed.code)]
  return [...answers, ...closed]
}

function sendFrame({ ws }: LiveClient, act: Exclude<HostileAct, { kind: 'raw' }>): void {
  if (ws.readyState === ws.OPEN) ws.send(act.kind === 'text' ? act.text : act.bytes)
}

/** Past `ws`, which would not send such a frame. */
function writeRaw({ ws }: LiveClient, bytes: Uint8Array): void {
  const { _socket: socket } = ws as unknown as { _socket: Socket | null }
  if (ws.readyState === ws.OPEN) socket?.write(bytes)
}
