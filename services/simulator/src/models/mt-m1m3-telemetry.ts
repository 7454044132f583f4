import { fillArray, numbersIn } from '../fill-array.ts'
import type { ModelContext, TelemetryTable } from '../model.ts'
import type { Values } from '../outlet.ts'
import { createRandom, createWave, type Wave } from '../random.ts'
import type { SharedState } from '../shared-state.ts'
import type { Tick } from '../tick.ts'
import type { Lift } from './mt-m1m3-lift.ts'

/** Actuators with a z, a y and an x component of force. */
const Z = 156
const Y = 100
const X = 12
const SECONDARY = 112
const HARDPOINTS = 6
/** Weight of the mirror in newtons: 17 tonnes of glass. */
const WEIGHT = 167_000

/** Distribution of one kind of force: the share that each actuator carries. */
interface Shape {
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly z: readonly number[]
}

/** A force or moment along x, y and z, newtons. */
type Vector = readonly [x: number, y: number, z: number]

/** What the telemetry of the mirror is computed from: the shapes of its forces, and its noise. */
export interface MirrorForces {
  readonly shared: SharedState
  readonly weight: Shape
  readonly balance: Shape
  readonly azimuth: Shape
  readonly thermal: Shape
  readonly acceleration: Shape
  readonly velocity: Shape
  /** Noise of the load cells in newtons: a table that repeats after 80 s. */
  readonly noise: Float64Array
  readonly drift: Wave
}

type Mirror = MirrorForces & { readonly lift: Lift }

/** The forces of one mirror: the same for the same seed. */
export function mirrorForces({ seed }: ModelContext, shared: SharedState): MirrorForces {
  return {
    shared,
    weight: shapeOf(seed, true),
    balance: shapeOf(seed + 7, false),
    azimuth: shapeOf(seed + 7, false),
    thermal: shapeOf(seed + 9, false),
    acceleration: shapeOf(seed + 12, false),
    velocity: shapeOf(seed + 10, false),
    noise: noiseTable(seed + 1),
    drift: createWave('m1m3', seed, 300)
  }
}

function shapeOf(seed: number, sum: boolean): Shape {
  const random = createRandom(seed)
  const part = (count: number): number[] => {
    const parts = Array.from({ length: count }, () => (sum ? 1 + 0.25 * (random() - 0.5) : 2 * random() - 1))
    const total = sum ? parts.reduce((a, b) => a + b, 0) : 1
    return parts.map(value => value / total)
  }
  return { x: part(X), y: part(Y), z: part(Z) }
}

const NOISE_MASK = 4095

function noiseTable(seed: number): Float64Array {
  const random = createRandom(seed)
  return Float64Array.from({ length: NOISE_MASK + 1 }, () => 2 * random() - 1)
}

/**
 * Telemetry of the mirror: forces follow the elevation and scale with the share of the weight that air
 * carries.
 */
export const mirrorTelemetry: TelemetryTable<Mirror> = {
  appliedElevationForces: (mirror, values) => putForces(values, mirror.weight, gravityOf(mirror)),
  appliedForces: (mirror, values, at) => {
    putForces(values, mirror.weight, gravityOf(mirror))
    shake(values, mirror.noise, at)
  },
  appliedBalanceForces: ({ balance, drift }, values, at) =>
    putForces(values, balance, mostlyZ(25 * drift(at.seconds))),
  appliedAzimuthForces: ({ azimuth, shared }, values) =>
    putForces(values, azimuth, mostlyZ(6 * Math.sin((shared.mount.azimuth * Math.PI) / 180))),
  appliedThermalForces: ({ thermal, shared }, values) =>
    putForces(values, thermal, mostlyZ(8 + 0.5 * (shared.air.temperature - 10))),
  appliedAccelerationForces: ({ acceleration, shared }, values) =>
    putForces(
      values,
      acceleration,
      mostlyZ(30 * shared.mount.elevationVelocity * shared.mount.azimuthVelocity)
    ),
  appliedVelocityForces: ({ velocity, shared }, values) =>
    putForces(values, velocity, mostlyZ(20 * shared.mount.azimuthVelocity)),
  appliedCylinderForces: (mirror, values) => {
    const [, y, z] = gravityOf(mirror)
    const { weight } = mirror
    // These fields are integers in millinewtons.
    fillArray(values, 'primaryCylinderForces', Z, i => Math.round((weight.z[i] ?? 0) * z * 1000))
    fillArray(values, 'secondaryCylinderForces', SECONDARY, i =>
      Math.round(((weight.y[i % Y] ?? 0) * y * 1000) / Math.SQRT2)
    )
  },
  forceActuatorData: putMeasuredForces,
  hardpointActuatorData: ({ drift, shared }, values, at) => {
    const { seconds } = at
    const slewing = 900 * shared.mount.elevationVelocity
    const creep = (i: number): number => drift(seconds + 9 * i)
    fillArray(values, 'measuredForce', HARDPOINTS, i => 120 * drift(seconds + 40 * i) + slewing)
    fillArray(values, 'encoder', HARDPOINTS, i => 31_000 + 200 * i + Math.round(3 * creep(i)))
    fillArray(values, 'displacement', HARDPOINTS, i => 0.0007 * i + 1e-6 * creep(i))
    putPose(values, drift(seconds) * 2e-6)
  },
  imsData: ({ drift }, values, at) => {
    fillArray(values, 'rawSensorData', 8, i => 4.2 + 0.1 * i + 0.001 * drift(at.seconds + 5 * i))
    putPose(values, drift(at.seconds + 3) * 2e-6)
  },
  inclinometerData: ({ shared }, values) => {
    values['inclinometerAngle'] = shared.mount.elevation
  },
  accelerometerData: ({ shared, noise }, values, at) => {
    const shift = at.tick * 5
    const slewing = 0.01 * shared.mount.elevationVelocity
    fillArray(values, 'accelerometer', 8, i => slewing + 0.002 * (noise[(shift + i) & NOISE_MASK] ?? 0))
  },
  gyroData: ({ shared }, values) => {
    values['angularVelocityX'] = (shared.mount.elevationVelocity * Math.PI) / 180
    values['angularVelocityZ'] = (shared.mount.azimuthVelocity * Math.PI) / 180
  }
}

/** Gravity on the whole mirror at the current elevation, as far as air carries it. */
function gravityOf({ shared, lift }: Mirror): Vector {
  const el = (shared.mount.elevation * Math.PI) / 180
  const force = WEIGHT * lift.support
  return [0, force * Math.cos(el), force * Math.sin(el)]
}

const mostlyZ = (size: number): Vector => [0.1 * size, 0.5 * size, size]

function putForces(values: Values, shape: Shape, pull: Vector): void {
  const [x, y, z] = pull
  fill(values, 'xForces', shape.x, x)
  fill(values, 'yForces', shape.y, y)
  fill(values, 'zForces', shape.z, z)
  putSums(values, pull)
}

function putMeasuredForces(mirror: Mirror, values: Values, at: Tick): void {
  const { weight, noise } = mirror
  const pull = gravityOf(mirror)
  const [x, y, z] = pull
  const shift = at.tick * 7
  const jitter = (step: number): ((i: number) => number) => {
    return i => 2 * (noise[(shift + step * i) & NOISE_MASK] ?? 0)
  }
  const side = jitter(11)
  measured(values, 'zForce', weight.z, { scale: z, noise, shift })
  measured(values, 'yForce', weight.y, { scale: y, noise, shift: shift + 501 })
  measured(values, 'xForce', weight.x, { scale: x, noise, shift: shift + 907 })
  measured(values, 'primaryCylinderForce', weight.z, { scale: z, noise, shift: shift + 33 })
  fillArray(
    values,
    'secondaryCylinderForce',
    SECONDARY,
    i => ((weight.y[i % Y] ?? 0) * y) / Math.SQRT2 + side(i)
  )
  fillArray(values, 'primaryCylinderFollowingError', Z, jitter(17))
  fillArray(values, 'secondaryCylinderFollowingError', SECONDARY, jitter(19))
  putSums(values, pull)
}

function fill(values: Values, name: string, shares: readonly number[], force: number): void {
  const array = numbersIn(values, name, shares.length)
  for (let i = 0; i < shares.length; i++) array[i] = (shares[i] as number) * force
}

function shake(values: Values, noise: Float64Array, { tick }: Tick): void {
  const array = numbersIn(values, 'zForces', Z)
  const shift = tick * 13
  for (let i = 0; i < Z; i++)
    array[i] = (array[i] as number) + 0.5 * (noise[(shift + 29 * i) & NOISE_MASK] as number)
}

interface Measuring {
  readonly scale: number
  readonly noise: Float64Array
  readonly shift: number
}

function measured(
  values: Values,
  name: string,
  shares: readonly number[],
  { scale, noise, shift }: Measuring
): void {
  const array = numbersIn(values, name, shares.length)
  for (let i = 0; i < shares.length; i++)
    array[i] = (shares[i] as number) * scale + 2 * (noise[(shift + 23 * i) & NOISE_MASK] as number)
}

function putSums(values: Values, [x, y, z]: Vector): void {
  values['fx'] = x
  values['fy'] = y
  values['fz'] = z
  values['mx'] = 0.02 * y
  values['my'] = 0.01 * x
  values['mz'] = 0.005 * x
  values['forceMagnitude'] = Math.hypot(x, y, z)
}

function putPose(values: Values, size: number): void {
  for (const axis of ['x', 'y', 'z']) {
    values[`${axis}Position`] = size
    values[`${axis}Rotation`] = 0.3 * size
  }
}
