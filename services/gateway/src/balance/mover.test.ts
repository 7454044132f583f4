import t from 'tap'
import { createMover, type MovableSession } from './mover.ts'

interface FakeSession extends MovableSession {
  readonly said: string[]
}

function sessionOf(more: Partial<MovableSession> = {}): FakeSession {
  const session: FakeSession = {
    said: [],
    expiresMs: Number.POSITIVE_INFINITY,
    resumedMs: undefined,
    leaveByMs: undefined,
    hasCommands: false,
    ...more,
    hint(reason, afterMs, deadlineMs) {
      session.said.push(afterMs <= deadlineMs ? reason : `${reason} after its deadline`)
      session.leaveByMs = performance.now() + deadlineMs
    },
    end({ code }, reason) {
      session.said.push(`${code} ${reason}`)
    }
  }
  return session
}

function moverOf(sessions: readonly MovableSession[], deadlineMs = 30_000) {
  const counts = { rebalance: 0, maxage: 0, overdue: 0 }
  const mover = createMover({
    sessions: () => sessions,
    deadlineMs,
    onHint: reason => counts[reason]++,
    onOverdue: () => counts.overdue++
  })
  return { mover, counts }
}

const MINUTE_MS = 60_000

t.test('the oldest go first, but for who has just come with a cursor or waits for an answer', async t => {
  const now = performance.now()
  const asking = sessionOf({ hasCommands: true })
  const moved = sessionOf({ resumedMs: now - MINUTE_MS / 2 })
  const settled = sessionOf({ resumedMs: now - MINUTE_MS - 1 })
  const rest = [sessionOf(), sessionOf(), sessionOf()]
  const { mover, counts } = moverOf([asking, moved, settled, ...rest])
  t.equal(mover.shed(2), 2)
  t.same(
    [asking, moved, settled, ...rest].map(({ said }) => said),
    [[], [], ['rebalance'], ['rebalance'], [], []]
  )
  t.equal(mover.leaving(), 2)
  t.equal(mover.shed(9), 2, 'nobody is asked twice')
  t.equal(mover.shed(9), 0)
  t.same(counts, { rebalance: 4, maxage: 0, overdue: 0 })
})

t.test('who is too old is asked once, after the answer that it waits for, and closed once', async t => {
  const asking = sessionOf({ expiresMs: 0, hasCommands: true })
  const old = sessionOf({ expiresMs: 0 })
  const young = sessionOf({ expiresMs: performance.now() + MINUTE_MS })
  const { mover, counts } = moverOf([asking, old, young])
  mover.sweep()
  mover.sweep()
  old.leaveByMs = performance.now() - 1
  mover.sweep()
  mover.sweep()
  t.same([asking.said, old.said, young.said], [[], ['maxage', '1012 GTW_MOVE_OVERDUE'], []])
  t.same(counts, { rebalance: 0, maxage: 1, overdue: 1 })
})

t.test('a hint is never later than its deadline', async t => {
  const sessions = Array.from({ length: 50 }, () => sessionOf())
  moverOf(sessions, 1).mover.shed(50)
  t.same([...new Set(sessions.flatMap(({ said }) => said))], ['rebalance'])
})
