import { createModel, type Model, type TelemetryTable } from '../model.ts'

const SENSORS = 4

/** State of the vibration monitor: how many messages of each topic it has sent. */
interface VibrationMonitor {
  data: number
  psd: number
}

/** Creates the vibration monitor: messages of `data` and `psd` cycle through its sensors. */
export const createMtVms = (): Model => createModel({ data: 0, psd: 0 }, { telemetry })

const telemetry: TelemetryTable<VibrationMonitor> = {
  data: (monitor, values) => {
    values['sensor'] = 1 + (monitor.data++ % SENSORS)
  },
  psd: (monitor, values) => {
    values['sensor'] = 1 + (monitor.psd++ % SENSORS)
  }
}
