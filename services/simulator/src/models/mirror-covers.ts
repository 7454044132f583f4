import { type Axis, createAxis } from '../axis.ts'
import { fillArray } from '../fill-array.ts'
import type { CommandTable, ModelContext, TelemetryTable, Work } from '../model.ts'
import { numberOf } from '../refuse.ts'
import type { Tick } from '../tick.ts'

const LEAVES = 4
const GROUP = 'mirrorCovers'
const OPEN = 0
const CLOSED = 100
const TOLERANCE = 0.01

/** The four leaves of the mirror cover: percent deployed, 100 when closed. */
interface Covers {
  readonly context: ModelContext
  readonly leaves: readonly Axis[]
}

/** Creates the leaves, open as at night. */
export const createLeaves = (): readonly Axis[] =>
  Array.from({ length: LEAVES }, () =>
    createAxis({ min: OPEN, max: CLOSED, velocity: 5, acceleration: 2, jerk: 4 }, OPEN)
  )

/** Moves the leaves on to this tick and publishes their state. */
export function stepCovers({ context, leaves }: Covers, at: Tick): void {
  for (const leaf of leaves) leaf.advance(at.seconds)
  const elementsState = leaves.map(leaf => context.valueOf('DeployableMotionState', stateOf(leaf)))
  context.event('mirrorCoversMotionState').put({ state: elementsState[0] ?? 0, elementsState }, at)
}

function stateOf(leaf: Axis): string {
  const there = leaf.settled(TOLERANCE)
  if (leaf.demand().position === CLOSED) return there ? 'Deployed' : 'Deploying'
  return there ? 'Retracted' : 'Retracting'
}

/** Telemetry of the four leaves: position in percent, torque only while a leaf moves. */
export const coverTelemetry: TelemetryTable<Covers> = {
  mirrorCover: ({ leaves }, values) => {
    fillArray(values, 'actualPosition', LEAVES, i => leaves[i]?.position() ?? 0)
    fillArray(values, 'actualTorquePercentage', LEAVES, i => 6 * (leaves[i]?.velocity() ?? 0))
  }
}

/** Opens or closes all leaves, or the one that `leaf` names; 0 is all. */
export const coverCommands: CommandTable<Covers> = {
  closeMirrorCovers: ({ leaves }) => drive(leaves, CLOSED),
  openMirrorCovers: ({ leaves }, { params }) => {
    const only = numberOf(params, 'leaf', [0, LEAVES])
    return drive(
      leaves.filter((_, i) => only === 0 || i === only - 1),
      OPEN
    )
  }
}

function drive(leaves: readonly Axis[], goal: number): Work {
  for (const leaf of leaves) leaf.moveTo(goal)
  const seconds = Math.max(...leaves.map(leaf => leaf.secondsTo(goal)))
  return { seconds, group: GROUP, done: () => leaves.every(leaf => leaf.settled(TOLERANCE)) }
}
