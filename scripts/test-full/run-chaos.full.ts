/** The short form of `pnpm chaos`: a cluster of three servers, real services on it, some faults. */
import t from 'tap'
import { runChaos } from '../chaos/run-chaos.ts'

const FAULTS = ['kill-gateway', 'leader-change', 'delete-consumers', 'remake-stream']

// Seconds from the bundles; a machine that does much else may take many times as long.

t.test('a site on a cluster keeps its promises while it is harmed', async t => {
  const seed = Date.now() % 1e6
  t.comment(`repeat: pnpm chaos --seed ${seed} --fault ${FAULTS.join(' ')}`)
  const result = await runChaos({
    ...{ seed, seconds: 0, leastRounds: 1, freezeMs: 1_000, only: FAULTS },
    say: line => t.comment(line)
  })
  t.same(result.wrong, [])
  t.equal(result.faults, FAULTS.length)
  t.ok(result.received > result.published, 'several clients had each message')
  t.ok(result.commands > 0)
})
