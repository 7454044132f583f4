/**
 * Clients that send anything: whatever they do, the gateway lives, serves everybody else, and answers each of
 * them with a code of its own table or a close code. FUZZ_SEED repeats a run; FUZZ_INPUTS makes it longer:
 * `FUZZ_INPUTS=1000000 npx tap --timeout=7200 test-full/hostile-frames.full.ts`.
 */
import { readFileSync } from 'node:fs'
import { codes } from '@meridian/errors'
import { waitFor } from '@meridian/testing'
import fc from 'fast-check'
import t from 'tap'
import { isReady, startGateway } from '../test/gateway-process.ts'
import { LiveClient } from '../test/live-client.ts'
import { startObservatory } from '../test/observatory.ts'
import { attackByBytes, attackByFrames, attackByRequest } from './attacks.ts'
import { type HostileAct, hostileAct } from './hostile-frames.ts'
import { hostileBytes, hostileRequest } from './hostile-wire.ts'

const WAIT_MS = 90_000
const inputs = Number(process.env['FUZZ_INPUTS'] ?? 200_000)
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1e6)
/** One round: so many connections, with so many inputs each. */
const ROUND = {
  frames: { clients: 30, inputs: 30 },
  bytes: { clients: 30, inputs: 3 },
  requests: { clients: 10 }
}
const INPUTS_OF_A_ROUND =
  ROUND.frames.clients * ROUND.frames.inputs +
  ROUND.bytes.clients * ROUND.bytes.inputs +
  ROUND.requests.clients
/** How the gateway, or `ws` in it, may end a connection [docs/protocol.md#close-codes]. */
const CLOSE_CODES = [1002, 1007, 1009, 1013]
/** A close frame of the client is answered with its own code, or with none where it has none. */
const isEcho = (code: number): boolean => code === 1000 || code === 1005 || code >= 3000
/** Resident memory that no input may drive it beyond, MB: what it starts with, and room for a busy heap. */
const MOST_MB = 700

t.setTimeout(Math.max(590_000, inputs * 5))
t.comment(`FUZZ_SEED=${seed}`)
const site = await startObservatory()
t.teardown(() => site.stop())
const gateway = await startGateway(site.nats.url)
t.teardown(() => gateway.end('SIGKILL'))

const residentMb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8'))?.[1]) / 1024

t.test('hostile clients get a coded answer and disturb nobody', async t => {
  const witness = await LiveClient.open(gateway.port)
  witness.send({ op: 'subscribe', id: 1, patterns: [{ pattern: 'evt.summit.Witness.>' }] })
  await witness.next('live')
  const seen = new Map<string, number>()
  let mostMb = 0
  let round = 0
  for (; round * INPUTS_OF_A_ROUND < inputs; round++) {
    const answers = await playRound(seed + round).catch((cause: unknown) => {
      throw new Error(`round ${round}; repeat it with FUZZ_SEED=${seed + round}`, { cause })
    })
    for (const answer of answers) seen.set(answer, (seen.get(answer) ?? 0) + 1)
    mostMb = Math.max(mostMb, residentMb())
    await site.put('evt.summit.Witness.0.round', { round })
    await waitFor(() => witness.seen.at(-1)?.fields['round'] === round, {
      what: `the witness sees round ${round} (FUZZ_SEED=${seed})`,
      timeoutMs: WAIT_MS
    })
  }
  t.comment(`${round * INPUTS_OF_A_ROUND} inputs, at most ${mostMb.toFixed(0)} MB`)
  t.comment(JSON.stringify(Object.fromEntries([...seen].sort())))
  t.same([...seen.keys()].filter(isUndocumented), [], 'every answer has a code')
  t.notOk(seen.has('GEN_INTERNAL'), 'nothing was unexpected')
  t.ok(mostMb < MOST_MB, `${mostMb} MB`)
  t.equal(gateway.child.exitCode, null)
  t.ok(await isReady(gateway.port))
  t.same(
    witness.seen.map(({ fields }) => fields['round']),
    Array.from({ length: round }, (_, n) => n)
  )
  t.notMatch(gateway.output(), /"level":[56]0/, 'the log has no error')
})

/** Ends its connection, so it comes last, and not on each. */
const TOO_LARGE = { every: 10, sizes: [65_537, 262_144, 400_000] }
const tooLarge = (at: number): HostileAct => ({
  kind: 'text',
  text: 'x'.repeat(TOO_LARGE.sizes[at % TOO_LARGE.sizes.length] as number)
})

const isUndocumented = (answer: string): boolean => {
  const [kind, number] = answer.split(' ')
  if (kind === 'close') return !CLOSE_CODES.includes(Number(number)) && !isEcho(Number(number))
  return kind !== 'status' && !(answer in codes)
}

/** Everything that the round of this seed sends, each list on a connection of its own; gives the answers. */
async function playRound(roundSeed: number): Promise<readonly string[]> {
  const { frames, bytes, requests } = ROUND
  const sample = <T>(of: fc.Arbitrary<T>, lists: number, each: number): T[][] => {
    const all = fc.sample(of, { seed: roundSeed, numRuns: lists * each })
    return Array.from({ length: lists }, (_, at) => all.slice(at * each, (at + 1) * each))
  }
  const codecOf = (at: number): 'json' | 'msgpack' => (at % 2 === 0 ? 'msgpack' : 'json')
  const results = await Promise.all([
    ...(['json', 'msgpack'] as const).flatMap(codec =>
      sample(hostileAct(codec), frames.clients / 2, frames.inputs).map((acts, at) =>
        attackByFrames(
          gateway.port,
          codec,
          at % TOO_LARGE.every === 0 ? [...acts, tooLarge(roundSeed + at)] : acts
        )
      )
    ),
    ...sample(hostileBytes, bytes.clients, bytes.inputs).map((parts, at) =>
      attackByBytes(gateway.port, codecOf(at), parts)
    ),
    ...sample(hostileRequest, requests.clients, 1).map(([request]) =>
      attackByRequest(gateway.port, request as Buffer)
    )
  ])
  return results.flat()
}
