import type { Model } from '../model.ts'

const SENSORS = 4

/** Creates the vibration monitor: messages of `data` and `psd` cycle through its sensors. */
export function createMtVms(): Model {
  let data = 0
  let psd = 0
  return {
    telemetry: {
      data: values => {
        values['sensor'] = 1 + (data++ % SENSORS)
      },
      psd: values => {
        values['sensor'] = 1 + (psd++ % SENSORS)
      }
    }
  }
}
