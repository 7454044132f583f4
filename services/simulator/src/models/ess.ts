import { fillArray, numbersIn } from '../fill-array.ts'
import { createModel, type Model, type ModelContext, type TelemetryTable } from '../model.ts'
import type { Values } from '../outlet.ts'
import { createWave, unitOf, type Wave } from '../random.ts'
import type { SharedState } from '../shared-state.ts'

const CHANNELS = 4
const MAX_CHANNELS = 16
const MAX_PRESSURES = 8

/** Parts and state of an environment sensor system. */
interface Sensors {
  readonly shared: SharedState
  readonly wave: Wave
  /** How far these sensors are off the shared weather, from -1 to 1. */
  readonly offset: number
  readonly inside: boolean
  readonly location: string
  /** End of the names of all its sensors. */
  readonly suffix: string
  /** Number of temperature messages; two thermometer boxes report in turn. */
  turn: number
}

/**
 * Creates an environment sensor system: its sensors measure the shared weather, each with an offset of its
 * own.
 */
export function createEss({ seed, index }: ModelContext, shared: SharedState): Model {
  const sensors: Sensors = {
    shared,
    wave: createWave('ess', seed, 240),
    offset: 2 * unitOf('ess/offset', seed) - 1,
    inside: index < 300,
    location: placeOf(index),
    suffix: `-ESS${String(index).padStart(3, '0')}`,
    turn: 0
  }
  const notAtStart = ['lightningStrike', 'highElectricField']
  return createModel(sensors, { telemetry, events: startEvents(sensors), notAtStart })
}

const telemetry: TelemetryTable<Sensors> = {
  temperature: (sensors, values, at) => {
    const { wave } = sensors
    const box = sensors.turn++ % 2
    const air = (i: number): number => warmthOf(sensors) + 0.3 * i + 0.1 * box
    putSensor(sensors, values, `Temp${box + 1}`)
    values['numChannels'] = CHANNELS
    const items = numbersIn(values, 'temperatureItem', MAX_CHANNELS)
    for (let i = 0; i < MAX_CHANNELS; i++)
      items[i] = i < CHANNELS ? air(i) + 0.15 * wave(at.seconds + 20 * i) : Number.NaN
  },
  relativeHumidity: (sensors, values, at) => {
    putSensor(sensors, values, 'RH')
    values['relativeHumidityItem'] = percent(humidityOf(sensors) + sensors.wave(at.seconds))
  },
  dewPoint: (sensors, values) => {
    putSensor(sensors, values, 'Dew')
    values['dewPointItem'] = dewPointOf(warmthOf(sensors), humidityOf(sensors))
  },
  pressure: (sensors, values, at) => {
    const { shared, offset, wave } = sensors
    putSensor(sensors, values, 'Baro')
    values['numChannels'] = 1
    const items = numbersIn(values, 'pressureItem', MAX_PRESSURES).fill(Number.NaN)
    items[0] = shared.air.pressure + 15 * offset + 3 * wave(at.seconds)
  },
  airFlow: (sensors, values, at) => {
    const { wave, inside } = sensors
    const { windSpeed, windDirection } = sensors.shared.air
    const gust = 0.8 * wave(at.seconds * 4)
    putSensor(sensors, values, 'Wind')
    values['speed'] = Math.max(0, windSpeed * (inside ? 0.1 : 1) + gust)
    values['speedStdDev'] = 0.3 + 0.1 * wave(at.seconds)
    values['maxSpeed'] = Math.max(0, windSpeed + 1.5 + gust)
    values['direction'] = (360 + windDirection + 6 * wave(at.seconds)) % 360
    values['directionStdDev'] = 5 + wave(at.seconds)
  },
  airTurbulence: (sensors, values, at) => {
    const { wave } = sensors
    putSensor(sensors, values, 'Sonic')
    fillArray(values, 'speed', 3, i => 0.4 * wave(at.seconds * 3 + 30 * i))
    values['speedMagnitude'] = 0.5 + 0.2 * wave(at.seconds * 3)
    values['speedMaxMagnitude'] = 0.9 + 0.2 * wave(at.seconds * 3)
    values['sonicTemperature'] = warmthOf(sensors)
  },
  rainRate: (sensors, values) => {
    putSensor(sensors, values, 'Rain')
    values['rainRateItem'] = 0
  },
  snowRate: (sensors, values) => {
    putSensor(sensors, values, 'Snow')
    values['snowRateItem'] = 0
  },
  solarRadiation: (sensors, values) => {
    putSensor(sensors, values, 'Sun')
    values['solarRadiationItem'] = 0
  },
  lightLevel: (sensors, values, at) => {
    putSensor(sensors, values, 'Light')
    values['lightLevelItem'] = Math.max(0, 0.02 + 0.01 * sensors.wave(at.seconds))
  },
  particleMeasurements: (sensors, values) => putSensor(sensors, values, 'Dust')
}

function putSensor({ suffix, location }: Sensors, values: Values, kind: string): void {
  values['sensorName'] = kind + suffix
  values['location'] = location
}

const warmthOf = ({ shared, offset, inside }: Sensors): number =>
  shared.air.temperature + 1.2 * offset + (inside ? 2 : 0)

const humidityOf = ({ shared, offset }: Sensors): number => percent(shared.air.humidity + 3 * offset)

const percent = (value: number): number => Math.min(100, Math.max(0, value))

/** Dew point of air at a temperature and relative humidity (Magnus). */
function dewPointOf(celsius: number, relativeHumidity: number): number {
  const gamma = Math.log(Math.max(0.1, relativeHumidity) / 100) + (17.62 * celsius) / (243.12 + celsius)
  return (243.12 * gamma) / (17.62 - gamma)
}

function placeOf(index: number): string {
  if (index >= 400) return 'summit facility'
  if (index >= 300) return 'weather tower'
  return index >= 200 ? 'auxiliary telescope' : 'main telescope'
}

const startEvents = ({ suffix, location }: Sensors): Readonly<Record<string, Values>> => ({
  precipitation: { sensorName: `Rain${suffix}`, raining: false, snowing: false, location },
  sensorStatus: { sensorName: `Temp1${suffix}`, sensorStatus: 0, serverStatus: 0 }
})
