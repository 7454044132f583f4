import type { Axis } from '../axis.ts'
import { fillArray } from '../fill-array.ts'
import type { Fill } from '../model.ts'
import { createWave } from '../random.ts'
import type { SharedState } from '../shared-state.ts'
import type { Values } from '../topic-publisher.ts'
import type { MountAxes } from './mt-mount-axes.ts'

// Inertia in N m per deg/s², friction in N m; both of the order of the real telescope's.
const INERTIA = { azimuth: 1.1e5, elevation: 6e4 }
const FRICTION = { azimuth: 2600, elevation: 1400 }
const TORQUE_PER_AMPERE = 900

/** Telemetry of the mount's axes; all topics are computed from the same axes, so they agree. */
export function mountTelemetry(axes: MountAxes, shared: SharedState): Readonly<Record<string, Fill>> {
  return {
    azimuth: axisFill(axes.azimuth, 'azimuth'),
    elevation: axisFill(axes.elevation, 'elevation'),
    azimuthDrives: drivesFill(axes.azimuth, 'azimuth', 16),
    elevationDrives: drivesFill(axes.elevation, 'elevation', 12),
    encoder: encoderFill(axes),
    cameraCableWrap: cableWrapFill(axes.cableWrap),
    azimuthCableWrap: azimuthWrapFill(axes.azimuth),
    lockingPins: values => {
      fillArray(values, 'actualPosition', 2, i => 2 + 0.01 * i)
      fillArray(values, 'demandPosition', 2, () => 2)
    },
    topEndChiller: values => {
      values['ambientTemperature'] = shared.air.temperature
    }
  }
}

const torqueOf = (axis: Axis, name: 'azimuth' | 'elevation'): number =>
  INERTIA[name] * axis.acceleration() + FRICTION[name] * Math.tanh(axis.velocity() / 0.01)

function axisFill(axis: Axis, name: 'azimuth' | 'elevation'): Fill {
  const seeing = createWave(`${name}/jitter`, 1, 40)
  return (values: Values, at) => {
    const demand = axis.demand()
    values['actualPosition'] = axis.position() + 2e-6 * seeing(at.seconds)
    values['actualVelocity'] = axis.velocity()
    values['actualAcceleration'] = axis.acceleration()
    values['actualJerk'] = axis.jerk()
    values['actualTorque'] = torqueOf(axis, name) + 40 * seeing(at.seconds * 3)
    values['demandPosition'] = demand.position
    values['demandVelocity'] = demand.velocity
    if (name === 'elevation') values['elevationInclinometer'] = axis.position() + 0.002
  }
}

const drivesFill = (axis: Axis, name: 'azimuth' | 'elevation', count: number): Fill => {
  const waves = Array.from({ length: count }, (_, i) => createWave(`${name}/drive${i}`, 2, 120))
  return (values, at) => {
    const share = torqueOf(axis, name) / TORQUE_PER_AMPERE / count
    fillArray(
      values,
      'current',
      count,
      i => share * (1 + 0.03 * Math.sin(i)) + 0.2 * (waves[i]?.(at.seconds) ?? 0)
    )
  }
}

const ENCODERS = ['AbsolutePosition', 'Position', 'RelativePosition']

const encoderFill =
  ({ azimuth, elevation }: MountAxes): Fill =>
  values => {
    for (const kind of ENCODERS) {
      const zero = kind === 'RelativePosition' ? 0.5 : 0
      fillArray(values, `azimuthEncoder${kind}`, 4, i => azimuth.position() - zero + 1e-5 * i)
      fillArray(values, `elevationEncoder${kind}`, 4, i => elevation.position() - zero + 1e-5 * i)
    }
  }

const cableWrapFill =
  (axis: Axis): Fill =>
  values => {
    values['actualPosition'] = axis.position()
    values['actualVelocity'] = axis.velocity()
    values['demandPosition'] = axis.demand().position
    values['demandVelocity'] = axis.demand().velocity
    fillArray(
      values,
      'actualTorquePercentage',
      2,
      i => 8 * axis.acceleration() + 3 * Math.tanh(axis.velocity()) + 0.2 * i
    )
  }

const azimuthWrapFill =
  (axis: Axis): Fill =>
  values => {
    fillArray(values, 'actualPositionDrive', 2, i => axis.position() + 0.4 * i)
    fillArray(values, 'actualVelocityDrive', 2, () => axis.velocity())
  }
