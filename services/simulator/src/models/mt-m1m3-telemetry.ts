import { fillArray, numbersIn } from '../fill-array.ts'
import type { Fill, ModelContext } from '../model.ts'
import { createRandom, createWave } from '../random.ts'
import type { SharedState } from '../shared-state.ts'
import type { Tick } from '../tick.ts'
import type { Values } from '../topic-publisher.ts'

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

/** Noise of the load cells in newtons: a precomputed table that repeats after 80 s. */
function noiseTable(seed: number): Float64Array {
  const random = createRandom(seed)
  return Float64Array.from({ length: NOISE_MASK + 1 }, () => 2 * random() - 1)
}

/**
 * Telemetry of the mirror: forces follow the elevation and scale with the share of the weight that air
 * carries.
 */
export function mirrorTelemetry(
  context: ModelContext,
  shared: SharedState,
  support: () => number
): Readonly<Record<string, Fill>> {
  const weight = shapeOf(context.seed, true)
  const noise = noiseTable(context.seed + 1)
  const drift = createWave('m1m3', context.seed, 300)
  /** Gravity on the whole mirror along x, y and z at the current elevation, newtons. */
  const gravity = (): readonly [number, number, number] => {
    const el = (shared.mount.elevation * Math.PI) / 180
    const force = WEIGHT * support()
    return [0, force * Math.cos(el), force * Math.sin(el)]
  }
  const forces = (shape: Shape, pull: (at: Tick) => readonly [number, number, number], jitter = 0): Fill => {
    return (values, at) => {
      const [x, y, z] = pull(at)
      const shift = at.tick * 13
      fill(values, 'xForces', shape.x, x)
      fill(values, 'yForces', shape.y, y)
      fill(values, 'zForces', shape.z, z)
      if (jitter > 0) shake(values, noise, { jitter, shift })
      putSums(values, [x, y, z])
    }
  }
  const small = (name: string, size: (at: Tick) => number): Fill => {
    const shape = shapeOf(context.seed + name.length, false)
    return forces(shape, at => [0.1 * size(at), 0.5 * size(at), size(at)])
  }
  return {
    appliedElevationForces: forces(weight, gravity),
    appliedForces: forces(weight, gravity, 0.5),
    appliedBalanceForces: small('balance', at => 25 * drift(at.seconds)),
    appliedAzimuthForces: small('azimuth', () => 6 * Math.sin((shared.mount.azimuth * Math.PI) / 180)),
    appliedThermalForces: small('thermal..', () => 8 + 0.5 * (shared.air.temperature - 10)),
    appliedAccelerationForces: small(
      'acceleration',
      () => 30 * shared.mount.elevationVelocity * shared.mount.azimuthVelocity
    ),
    appliedVelocityForces: small('velocities', () => 20 * shared.mount.azimuthVelocity),
    appliedCylinderForces: values => {
      const [, y, z] = gravity()
      // These fields are integers in millinewtons.
      fillArray(values, 'primaryCylinderForces', Z, i => Math.round((weight.z[i] ?? 0) * z * 1000))
      fillArray(values, 'secondaryCylinderForces', SECONDARY, i =>
        Math.round(((weight.y[i % Y] ?? 0) * y * 1000) / Math.SQRT2)
      )
    },
    forceActuatorData: (values, at) => {
      const [x, y, z] = gravity()
      const shift = at.tick * 7
      measured(values, 'zForce', weight.z, { scale: z, noise, shift })
      measured(values, 'yForce', weight.y, { scale: y, noise, shift: shift + 501 })
      measured(values, 'xForce', weight.x, { scale: x, noise, shift: shift + 907 })
      measured(values, 'primaryCylinderForce', weight.z, { scale: z, noise, shift: shift + 33 })
      fillArray(
        values,
        'secondaryCylinderForce',
        SECONDARY,
        i => ((weight.y[i % Y] ?? 0) * y) / Math.SQRT2 + 2 * (noise[(shift + 11 * i) & NOISE_MASK] ?? 0)
      )
      fillArray(
        values,
        'primaryCylinderFollowingError',
        Z,
        i => 2 * (noise[(shift + 17 * i) & NOISE_MASK] ?? 0)
      )
      fillArray(
        values,
        'secondaryCylinderFollowingError',
        SECONDARY,
        i => 2 * (noise[(shift + 19 * i) & NOISE_MASK] ?? 0)
      )
      putSums(values, [x, y, z])
    },
    hardpointActuatorData: (values, at) => {
      fillArray(
        values,
        'measuredForce',
        HARDPOINTS,
        i => 120 * drift(at.seconds + 40 * i) + 900 * shared.mount.elevationVelocity
      )
      fillArray(
        values,
        'encoder',
        HARDPOINTS,
        i => 31_000 + 200 * i + Math.round(3 * drift(at.seconds + 9 * i))
      )
      fillArray(values, 'displacement', HARDPOINTS, i => 0.0007 * i + 1e-6 * drift(at.seconds + 9 * i))
      putPose(values, drift(at.seconds) * 2e-6)
    },
    imsData: (values, at) => {
      fillArray(values, 'rawSensorData', 8, i => 4.2 + 0.1 * i + 0.001 * drift(at.seconds + 5 * i))
      putPose(values, drift(at.seconds + 3) * 2e-6)
    },
    inclinometerData: values => {
      values['inclinometerAngle'] = shared.mount.elevation
    },
    accelerometerData: (values, at) => {
      fillArray(
        values,
        'accelerometer',
        8,
        i => 0.01 * shared.mount.elevationVelocity + 0.002 * (noise[(at.tick * 5 + i) & NOISE_MASK] ?? 0)
      )
    },
    gyroData: values => {
      values['angularVelocityX'] = (shared.mount.elevationVelocity * Math.PI) / 180
      values['angularVelocityZ'] = (shared.mount.azimuthVelocity * Math.PI) / 180
    }
  }
}

function fill(values: Values, name: string, shares: readonly number[], force: number): void {
  const array = numbersIn(values, name, shares.length)
  for (let i = 0; i < shares.length; i++) array[i] = (shares[i] as number) * force
}

function shake(values: Values, noise: Float64Array, how: { jitter: number; shift: number }): void {
  const array = numbersIn(values, 'zForces', Z)
  for (let i = 0; i < Z; i++)
    array[i] = (array[i] as number) + how.jitter * (noise[(how.shift + 29 * i) & NOISE_MASK] as number)
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

function putSums(values: Values, [x, y, z]: readonly [number, number, number]): void {
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
