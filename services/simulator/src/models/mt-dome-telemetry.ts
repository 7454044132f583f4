import { fillArray } from '../fill-array.ts'
import type { TelemetryTable } from '../model.ts'
import { turned } from '../sky.ts'
import { type Dome, LOUVERS } from './mt-dome-axes.ts'

/** Telemetry of the dome; all topics are computed from the same axes, so they agree. */
export const domeTelemetry: TelemetryTable<Dome> = {
  azimuth: ({ azimuth, wobble }, values, at) => {
    const torque = 900 * azimuth.acceleration() + 120 * Math.tanh(20 * azimuth.velocity())
    const current = Math.abs(torque) / 60 + 0.4
    const position = turned(azimuth.position())
    values['positionActual'] = position
    values['positionCommanded'] = turned(azimuth.demand().position)
    values['velocityActual'] = azimuth.velocity()
    values['velocityCommanded'] = azimuth.demand().velocity
    fillArray(values, 'driveTorqueActual', 5, i => torque * (1 + 0.02 * i) + 4 * wobble(at.seconds + i))
    fillArray(values, 'driveTorqueCommanded', 5, () => torque)
    fillArray(values, 'driveCurrentActual', 5, i => current + 0.05 * wobble(at.seconds + 3 * i))
    fillArray(values, 'encoderHeadRaw', 5, i => position + 0.002 * i)
    fillArray(values, 'encoderHeadCalibrated', 5, () => position)
  },
  lightWindScreen: ({ screen }, values) => {
    values['positionActual'] = screen.position()
    values['positionCommanded'] = screen.demand().position
    values['velocityActual'] = screen.velocity()
    values['velocityCommanded'] = screen.demand().velocity
    values['powerDraw'] = 400 + 9000 * Math.abs(screen.velocity())
  },
  apertureShutter: ({ doors }, values) => {
    fillArray(values, 'positionActual', 2, i => doors[i]?.position() ?? 0)
    fillArray(values, 'positionCommanded', 2, i => doors[i]?.demand().position ?? 0)
    fillArray(values, 'driveTorqueActual', 4, i => 300 * (doors[i >> 1]?.velocity() ?? 0))
    values['powerDraw'] = 300 + 2000 * Math.abs(doors[0]?.velocity() ?? 0)
  },
  louvers: ({ louvers }, values) => {
    fillArray(values, 'positionActual', LOUVERS, i => louvers[i]?.position() ?? 0)
    fillArray(values, 'positionCommanded', LOUVERS, i => louvers[i]?.demand().position ?? 0)
    fillArray(values, 'driveTorqueActual', 2 * LOUVERS, i => 20 * (louvers[i >> 1]?.velocity() ?? 0))
  },
  thermal: ({ shared, wobble }, values, at) => {
    const warm = shared.air.temperature + 4
    fillArray(values, 'driveTemperature', 10, i => warm + 0.3 * i + wobble(at.seconds / 20 + i))
  }
}
