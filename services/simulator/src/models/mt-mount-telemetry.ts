import type { Axis } from '../axis.ts'
import { fillArray } from '../fill-array.ts'
import type { TelemetryTable } from '../model.ts'
import type { Values } from '../outlet.ts'
import type { Tick } from '../tick.ts'
import { DRIVES, type Mount } from './mt-mount-axes.ts'

// Inertia in N m per deg/s², friction in N m; both of the order of the real telescope's.
const INERTIA = { azimuth: 1.1e5, elevation: 6e4 }
const FRICTION = { azimuth: 2600, elevation: 1400 }
const TORQUE_PER_AMPERE = 900

/** Telemetry of the mount's axes; all topics are computed from the same axes, so they agree. */
export const mountTelemetry: TelemetryTable<Mount> = {
  azimuth: (mount, values, at) => putAxis(mount, 'azimuth', { values, at }),
  elevation: (mount, values, at) => {
    putAxis(mount, 'elevation', { values, at })
    values['elevationInclinometer'] = mount.elevation.position() + 0.002
  },
  azimuthDrives: (mount, values, at) => putDrives(mount, 'azimuth', { values, at }),
  elevationDrives: (mount, values, at) => putDrives(mount, 'elevation', { values, at }),
  encoder: ({ azimuth, elevation }, values) => {
    for (const kind of ENCODERS) {
      const zero = kind === 'RelativePosition' ? 0.5 : 0
      fillArray(values, `azimuthEncoder${kind}`, 4, i => azimuth.position() - zero + 1e-5 * i)
      fillArray(values, `elevationEncoder${kind}`, 4, i => elevation.position() - zero + 1e-5 * i)
    }
  },
  cameraCableWrap: ({ cableWrap }, values) => {
    values['actualPosition'] = cableWrap.position()
    values['actualVelocity'] = cableWrap.velocity()
    values['demandPosition'] = cableWrap.demand().position
    values['demandVelocity'] = cableWrap.demand().velocity
    const torque = 8 * cableWrap.acceleration() + 3 * Math.tanh(cableWrap.velocity())
    fillArray(values, 'actualTorquePercentage', 2, i => torque + 0.2 * i)
  },
  azimuthCableWrap: ({ azimuth }, values) => {
    fillArray(values, 'actualPositionDrive', 2, i => azimuth.position() + 0.4 * i)
    fillArray(values, 'actualVelocityDrive', 2, () => azimuth.velocity())
  },
  lockingPins: (_mount, values) => {
    fillArray(values, 'actualPosition', 2, i => 2 + 0.01 * i)
    fillArray(values, 'demandPosition', 2, () => 2)
  },
  topEndChiller: ({ shared }, values) => {
    values['ambientTemperature'] = shared.air.temperature
  }
}

const ENCODERS = ['AbsolutePosition', 'Position', 'RelativePosition']

type MainAxis = 'azimuth' | 'elevation'

interface Message {
  readonly values: Values
  readonly at: Tick
}

const torqueOf = (axis: Axis, name: MainAxis): number =>
  INERTIA[name] * axis.acceleration() + FRICTION[name] * Math.tanh(axis.velocity() / 0.01)

function putAxis(mount: Mount, name: MainAxis, { values, at }: Message): void {
  const axis = mount[name]
  const { encoder } = mount.noise[name]
  const demand = axis.demand()
  values['actualPosition'] = axis.position() + 2e-6 * encoder(at.seconds)
  values['actualVelocity'] = axis.velocity()
  values['actualAcceleration'] = axis.acceleration()
  values['actualJerk'] = axis.jerk()
  values['actualTorque'] = torqueOf(axis, name) + 40 * encoder(at.seconds * 3)
  values['demandPosition'] = demand.position
  values['demandVelocity'] = demand.velocity
}

function putDrives(mount: Mount, name: MainAxis, { values, at }: Message): void {
  const { drives } = mount.noise[name]
  const share = torqueOf(mount[name], name) / TORQUE_PER_AMPERE / DRIVES[name]
  fillArray(
    values,
    'current',
    DRIVES[name],
    i => share * (1 + 0.03 * Math.sin(i)) + 0.2 * (drives[i]?.(at.seconds) ?? 0)
  )
}
