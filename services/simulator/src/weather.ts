import { createWave } from './random.ts'
import type { SharedState } from './shared-state.ts'

/**
 * Creates the slowly changing weather of a clear night; the function it returns writes it for a second of
 * simulated time.
 */
export function createWeather(seed: number, shared: SharedState): (seconds: number) => void {
  const wave = (name: string, period: number): ((seconds: number) => number) =>
    createWave(`air/${name}`, seed, period)
  const temperature = wave('temperature', 7200)
  const humidity = wave('humidity', 5400)
  const pressure = wave('pressure', 9000)
  const speed = wave('speed', 1200)
  const direction = wave('direction', 3600)
  return seconds => {
    shared.air = {
      temperature: 9.5 + 2 * temperature(seconds),
      humidity: 27 + 9 * humidity(seconds),
      pressure: 74_300 + 120 * pressure(seconds),
      windSpeed: Math.max(0.3, 5 + 3 * speed(seconds)),
      windDirection: (360 + 30 + 40 * direction(seconds)) % 360
    }
  }
}
