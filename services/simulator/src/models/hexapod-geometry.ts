import type { SharedState } from '../shared-state.ts'

/** Coordinates of a hexapod: micrometres for x, y, z and degrees for u, v, w, as the component's own units are. */
export const AXES = ['x', 'y', 'z', 'u', 'v', 'w'] as const

/** Values of the six coordinates, in the order of AXES. */
export type Pose = readonly number[]

/** The pose with all coordinates 0. */
export const ORIGIN: Pose = [0, 0, 0, 0, 0, 0]

/** A pose moved by another one, axis by axis. */
export const sumOf = (pose: Pose, change: Pose): Pose => pose.map((value, i) => value + (change[i] ?? 0))

/** A pose as the fields of an event. */
export const poseFields = (pose: Pose): Record<string, number> =>
  Object.fromEntries(AXES.map((name, i) => [name, pose[i] ?? 0]))

/** Compensation for the bending of the telescope by gravity and temperature; index 1 carries the camera. */
export function correctionOf({ mount, air }: SharedState, index: number): Pose {
  const tilt = Math.cos((mount.elevation * Math.PI) / 180)
  const sign = index === 1 ? 1 : -1
  const focus = sign * 420 * (1 - tilt) - 12 * (air.temperature - 10)
  return [0, sign * -610 * tilt, focus, sign * 0.011 * tilt, 0, 0]
}

const STRUT_RADIUS = 800

/** Length changes of the six struts for a pose, micrometres; valid for small angles, struts in three pairs. */
export function strutsOf([x = 0, y = 0, z = 0, u = 0, v = 0, w = 0]: Pose): number[] {
  return Array.from({ length: 6 }, (_, i) => {
    const angle = (Math.PI / 3) * i + (i % 2 === 0 ? 0.2 : -0.2)
    const lean = i % 2 === 0 ? 0.35 : -0.35
    const rad = (Math.PI / 180) * STRUT_RADIUS * 1000
    return (
      0.9 * (z + rad * (u * Math.sin(angle) - v * Math.cos(angle))) +
      lean * (-x * Math.sin(angle) + y * Math.cos(angle) + rad * w)
    )
  })
}
