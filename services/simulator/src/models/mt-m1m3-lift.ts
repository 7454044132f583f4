/**
 * The lift of the primary mirror. Parked -> Raising (raiseM1M3) -> Active; Active -> Lowering (lowerM1M3) ->
 * Parked; pause and resume halt the lift; abortRaiseM1M3 turns Raising into Lowering; each of parked and
 * active has an engineering twin; panic is a fault. The night begins Active.
 */
export type LiftStage = 'Parked' | 'Raising' | 'Active' | 'Lowering'

/** Where the lift is on its way, and what holds it there. */
export interface Lift {
  readonly stage: LiftStage
  readonly engineering: boolean
  readonly paused: boolean
  /** Share of the weight that the pneumatic support carries, 0 to 1. */
  readonly support: number
}

/** Seconds for the mirror to go up or down. */
export const LIFT_SECONDS = 60

/** The lift at the start of a night. */
export const ACTIVE: Lift = { stage: 'Active', engineering: false, paused: false, support: 1 }

/** True while the mirror goes up or down, paused or not. */
export const isMoving = ({ stage }: Lift): boolean => stage === 'Raising' || stage === 'Lowering'

/** The lift after some seconds; it ends Raising and Lowering by itself. */
export function liftAfter(lift: Lift, seconds: number): Lift {
  const { stage, paused, support } = lift
  if (paused || !isMoving(lift)) return lift
  if (stage === 'Raising') return stageAt({ ...lift, support: Math.min(1, support + seconds / LIFT_SECONDS) })
  return stageAt({ ...lift, support: Math.max(0, support - seconds / LIFT_SECONDS) })
}

function stageAt(lift: Lift): Lift {
  if (lift.stage === 'Raising' && lift.support === 1) return { ...lift, stage: 'Active' }
  return lift.stage === 'Lowering' && lift.support === 0 ? { ...lift, stage: 'Parked' } : lift
}

/** Name of the item of DetailedStates of an enabled mirror. */
export function detailedStateOf(lift: Lift): string {
  const pause = lift.paused && isMoving(lift) ? 'Paused' : ''
  return `${pause}${lift.stage}${lift.engineering ? 'Engineering' : ''}State`
}
