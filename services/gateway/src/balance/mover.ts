import { CLOSE } from '@meridian/protocol/live'
import type { Connection } from '../connection.ts'

/** Why a client is asked to connect anew while its gateway goes on. */
type MoveReason = 'rebalance' | 'maxage'

/** A session as far as it is sent away. */
export type MovableSession = Pick<
  Connection,
  'hint' | 'end' | 'leaveByMs' | 'expiresMs' | 'resumedMs' | 'hasCommands'
>

/** Whom a mover may send away, how long they have, and whom it tells. */
export interface MoverOptions {
  /** Open connections, the oldest first. */
  readonly sessions: () => Iterable<MovableSession>
  /** Ms from the hint to the close of those that are still there. */
  readonly deadlineMs: number
  readonly onHint: (reason: MoveReason) => void
  /** Called for each connection that was still there at its deadline. */
  readonly onOverdue: () => void
}

/** Sends clients to whichever gateway the balancer in front chooses. */
export interface Mover {
  /** Connections that were hinted away and are still there. */
  leaving(): number
  /** Hints `count` connections away, the oldest first, but for those that cannot move now; gives how many. */
  shed(count: number): number
  /** Hints away who has been here too long, closes who was to be gone by now. */
  sweep(): void
}

/** Ms over which the clients of one decision leave: less than it takes to see its effect. */
const SPREAD_MS = 2_000
/** A client that came with a cursor, from another gateway, stays so long. */
const SETTLED_MS = 60_000

/** A mover of these sessions. It sends nothing by itself. */
export function createMover({ sessions, deadlineMs, onHint, onOverdue }: MoverOptions): Mover {
  const hint = (session: MovableSession, reason: MoveReason): void => {
    session.hint(reason, Math.floor(Math.random() * Math.min(SPREAD_MS, deadlineMs)), deadlineMs)
    onHint(reason)
  }
  return {
    leaving: () => [...sessions()].filter(({ leaveByMs }) => leaveByMs !== undefined).length,
    shed(count) {
      const oldest = performance.now() - SETTLED_MS
      const movable = [...sessions()].filter(session => isMovable(session, oldest)).slice(0, count)
      for (const session of movable) hint(session, 'rebalance')
      return movable.length
    },
    sweep() {
      const now = performance.now()
      for (const session of sessions()) {
        if (isOverdue(session, now)) {
          session.end(CLOSE.goingAway, 'GTW_MOVE_OVERDUE')
          session.leaveByMs = Number.POSITIVE_INFINITY
          onOverdue()
        } else if (isTooOld(session, now)) hint(session, 'maxage')
      }
    }
  }
}

const isOverdue = ({ leaveByMs }: MovableSession, now: number): boolean =>
  leaveByMs !== undefined && leaveByMs <= now

const isTooOld = ({ leaveByMs, expiresMs, hasCommands }: MovableSession, now: number): boolean =>
  leaveByMs === undefined && expiresMs <= now && !hasCommands

const isMovable = ({ leaveByMs, hasCommands, resumedMs }: MovableSession, oldest: number): boolean =>
  leaveByMs === undefined && !hasCommands && (resumedMs === undefined || resumedMs < oldest)
