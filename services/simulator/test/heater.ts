import {
  type CommandTable,
  createModel,
  type Model,
  type ModelContext,
  type TelemetryTable
} from '../src/model.ts'

/** Parts and state of a heater. */
interface Heater {
  readonly context: ModelContext
  on: boolean
  celsius: number
}

export function createHeater(context: ModelContext): Model {
  const heater: Heater = { context, on: false, celsius: 10 }
  return createModel(heater, { step, telemetry, commands, events: { power: { on: false } } })
}

/** Moves the state on; once a tick, before telemetry is written. */
function step(heater: Heater): void {
  heater.celsius += heater.on ? 0.001 : 0
}

const telemetry: TelemetryTable<Heater> = {
  temperature: ({ celsius }, values) => {
    values['temperature'] = celsius
  }
}

const commands: CommandTable<Heater> = {
  switchOn: (heater, { at }) => {
    heater.on = true
    heater.context.event('power').put({ on: true }, at)
    return { seconds: 60, group: 'power', done: () => heater.celsius > 15 }
  },
  switchOff: (heater, { at, abort }) => {
    abort('power', 'switchOff')
    heater.on = false
    heater.context.event('power').put({ on: false }, at)
  }
}
