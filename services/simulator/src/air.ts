import { createWave } from './random.ts'
import type { Scene } from './scene.ts'

/** The weather of a good night, wandering slowly. */
export function createAir(seed: number, scene: Scene): (seconds: number) => void {
  const wave = (name: string, period: number): ((seconds: number) => number) =>
    createWave(`air/${name}`, seed, period)
  const temperature = wave('temperature', 7200)
  const humidity = wave('humidity', 5400)
  const pressure = wave('pressure', 9000)
  const speed = wave('speed', 1200)
  const direction = wave('direction', 3600)
  return seconds => {
    scene.air = {
      temperature: 9.5 + 2 * temperature(seconds),
      humidity: 27 + 9 * humidity(seconds),
      pressure: 74_300 + 120 * pressure(seconds),
      windSpeed: Math.max(0.3, 5 + 3 * speed(seconds)),
      windDirection: (360 + 30 + 40 * direction(seconds)) % 360
    }
  }
}
