import { createAxis } from '../axis.ts'
import { fillArray } from '../fill-array.ts'
import type { Fill, Handler, ModelContext } from '../model.ts'
import { numberOf } from '../refuse.ts'
import type { Tick } from '../tick.ts'

const LEAVES = 4
const GROUP = 'mirrorCovers'
const OPEN = 0
const CLOSED = 100

/** The four leaves of the mirror cover: percent deployed, 100 when closed. */
export interface MirrorCovers {
  advance(at: Tick): void
  readonly telemetry: Readonly<Record<string, Fill>>
  readonly commands: Readonly<Record<string, Handler>>
}

/** Creates the covers, open as at night. */
export function createMirrorCovers(context: ModelContext): MirrorCovers {
  const leaves = Array.from({ length: LEAVES }, () =>
    createAxis({ min: OPEN, max: CLOSED, velocity: 5, acceleration: 2, jerk: 4 }, OPEN)
  )
  const stateOf = (i: number): number => {
    const leaf = leaves[i]
    const goal = leaf?.demand().position ?? OPEN
    const there = leaf?.settled(0.01) === true
    if (goal === CLOSED) return context.valueOf('DeployableMotionState', there ? 'Deployed' : 'Deploying')
    return context.valueOf('DeployableMotionState', there ? 'Retracted' : 'Retracting')
  }
  const drive = (goal: number, only: number) => {
    const moved = leaves.filter((_, i) => only === 0 || i === only - 1)
    for (const leaf of moved) leaf.moveTo(goal)
    const seconds = Math.max(...moved.map(leaf => leaf.secondsTo(goal)))
    return { seconds, group: GROUP, done: () => moved.every(leaf => leaf.settled(0.01)) }
  }
  return {
    advance(at) {
      for (const leaf of leaves) leaf.advance(at.seconds)
      const elementsState = [0, 1, 2, 3].map(stateOf)
      context.event('mirrorCoversMotionState').put({ state: elementsState[0] ?? 0, elementsState }, at)
    },
    telemetry: {
      mirrorCover: values => {
        fillArray(values, 'actualPosition', LEAVES, i => leaves[i]?.position() ?? 0)
        fillArray(values, 'actualTorquePercentage', LEAVES, i => 6 * (leaves[i]?.velocity() ?? 0))
      }
    },
    commands: {
      closeMirrorCovers: () => drive(CLOSED, 0),
      openMirrorCovers: ({ params }) => drive(OPEN, numberOf(params, 'leaf', [0, LEAVES]))
    }
  }
}
