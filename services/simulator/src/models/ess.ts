import { fillArray, numbersIn } from '../fill-array.ts'
import type { Fill, Model, ModelContext } from '../model.ts'
import { createWave, unitOf } from '../random.ts'
import type { SharedState } from '../shared-state.ts'

const CHANNELS = 4
const MAX_CHANNELS = 16

/**
 * Creates an environment sensor system: its sensors measure the shared weather, each with an offset of its
 * own.
 */
export function createEss(context: ModelContext, shared: SharedState): Model {
  const wave = createWave('ess', context.seed, 240)
  const own = 2 * unitOf('ess/offset', context.seed) - 1
  const inside = context.index < 300
  const location = placeOf(context.index)
  const warm = (): number => shared.air.temperature + 1.2 * own + (inside ? 2 : 0)
  const humidity = (): number => Math.min(100, Math.max(0, shared.air.humidity + 3 * own))
  const sensor =
    (name: string, fill: Fill): Fill =>
    (values, at) => {
      values['sensorName'] = name
      values['location'] = location
      fill(values, at)
    }
  const named = (kind: string): string => `${kind}-ESS${String(context.index).padStart(3, '0')}`
  let turn = 0
  return {
    telemetry: {
      temperature: (values, at) => {
        // Two thermometer boxes report in turn; each message holds one of them.
        const box = turn++ % 2
        values['sensorName'] = named(`Temp${box + 1}`)
        values['location'] = location
        values['numChannels'] = CHANNELS
        const items = numbersIn(values, 'temperatureItem', MAX_CHANNELS)
        for (let i = 0; i < MAX_CHANNELS; i++)
          items[i] =
            i < CHANNELS ? warm() + 0.3 * i + 0.1 * box + 0.15 * wave(at.seconds + 20 * i) : Number.NaN
      },
      relativeHumidity: sensor(named('RH'), (values, at) => {
        values['relativeHumidityItem'] = Math.min(100, Math.max(0, humidity() + wave(at.seconds)))
      }),
      dewPoint: sensor(named('Dew'), values => {
        values['dewPointItem'] = dewPointOf(warm(), humidity())
      }),
      pressure: sensor(named('Baro'), (values, at) => {
        values['numChannels'] = 1
        const items = numbersIn(values, 'pressureItem', 8)
        for (let i = 0; i < 8; i++)
          items[i] = i === 0 ? shared.air.pressure + 15 * own + 3 * wave(at.seconds) : Number.NaN
      }),
      airFlow: sensor(named('Wind'), (values, at) => {
        const gust = 0.8 * wave(at.seconds * 4)
        values['speed'] = Math.max(0, shared.air.windSpeed * (inside ? 0.1 : 1) + gust)
        values['speedStdDev'] = 0.3 + 0.1 * wave(at.seconds)
        values['maxSpeed'] = Math.max(0, shared.air.windSpeed + 1.5 + gust)
        values['direction'] = (360 + shared.air.windDirection + 6 * wave(at.seconds)) % 360
        values['directionStdDev'] = 5 + wave(at.seconds)
      }),
      airTurbulence: sensor(named('Sonic'), (values, at) => {
        fillArray(values, 'speed', 3, i => 0.4 * wave(at.seconds * 3 + 30 * i))
        values['speedMagnitude'] = 0.5 + 0.2 * wave(at.seconds * 3)
        values['speedMaxMagnitude'] = 0.9 + 0.2 * wave(at.seconds * 3)
        values['sonicTemperature'] = warm()
      }),
      rainRate: sensor(named('Rain'), values => {
        values['rainRateItem'] = 0
      }),
      snowRate: sensor(named('Snow'), values => {
        values['snowRateItem'] = 0
      }),
      solarRadiation: sensor(named('Sun'), values => {
        values['solarRadiationItem'] = 0
      }),
      lightLevel: sensor(named('Light'), (values, at) => {
        values['lightLevelItem'] = Math.max(0, 0.02 + 0.01 * wave(at.seconds))
      }),
      particleMeasurements: sensor(named('Dust'), () => {})
    },
    notAtStart: ['lightningStrike', 'highElectricField'],
    events: {
      precipitation: { sensorName: named('Rain'), raining: false, snowing: false, location },
      sensorStatus: { sensorName: named('Temp1'), sensorStatus: 0, serverStatus: 0 }
    }
  }
}

function placeOf(index: number): string {
  if (index >= 400) return 'summit facility'
  if (index >= 300) return 'weather tower'
  return index >= 200 ? 'auxiliary telescope' : 'main telescope'
}

/** Dew point of air at a temperature and relative humidity (Magnus). */
function dewPointOf(celsius: number, percent: number): number {
  const gamma = Math.log(Math.max(0.1, percent) / 100) + (17.62 * celsius) / (243.12 + celsius)
  return (243.12 * gamma) / (17.62 - gamma)
}
