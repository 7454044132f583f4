/**
 * `pnpm chaos` for some minutes: every fault at least once on a cluster of three servers. CHAOS_SEED repeats
 * a run.
 */
import t from 'tap'
import { faults } from '../chaos/faults.ts'
import { runChaos } from '../chaos/run-chaos.ts'

const SECONDS = 200
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1e6)

t.setTimeout(590_000)
t.comment(`CHAOS_SEED=${seed}`)

t.test('every fault leaves every promise whole', async t => {
  const result = await runChaos({
    ...{ seed, seconds: SECONDS, leastRounds: 1, freezeMs: 15_000 },
    say: line => t.comment(line)
  })
  t.comment(`${result.published} published, ${result.received} received, ${result.told} told as lost`)
  t.same(result.wrong, [])
  t.ok(result.faults >= Object.keys(faults).length)
  t.ok(result.commands > 0)
})
