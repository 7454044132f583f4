import type { Component as Definition } from '@meridian/catalogue'
import { createCommands, type ReceivedCommand } from './commands.ts'
import { createLifecycle, type Lifecycle } from './lifecycle.ts'
import { LEVEL, type Model, type ModelContext } from './model.ts'
import { hashOf } from './random.ts'
import { SUMMARY, type SummaryState } from './summary-state.ts'
import { createTelemetry } from './telemetry.ts'
import type { Tick } from './tick.ts'
import type { TimingWheel } from './timing-wheel.ts'
import type { Publish } from './topic-publisher.ts'
import { createTopicPublishers } from './topic-publishers.ts'

/** How a component misbehaves because somebody injected a fault. */
export interface Impairment {
  /** It sends no heartbeats; telemetry, events and commands go on. */
  readonly silent: boolean
  /** Seconds by which every answer to a command is late. */
  readonly slowSeconds: number
  /** It publishes nothing and answers nothing. */
  readonly dead: boolean
}

export const NO_IMPAIRMENT: Impairment = { silent: false, slowSeconds: 0, dead: false }

/** One simulated instance of a component, with its process, state, commands and telemetry. */
export interface Component {
  readonly csc: string
  readonly index: number
  /** `ESS:301`, as operators say; index 0 included. */
  readonly name: string
  state(): SummaryState
  /** True while its process runs and no injected fault suppresses heartbeats. */
  sendsHeartbeat(): boolean
  execute(received: ReceivedCommand, at: Tick): void
  fault(code: number, report: string, at: Tick): void
  impairment(): Impairment
  setImpairment(impairment: Partial<Impairment>): void
  /** Keeps the automatic night from commanding it for `seconds`. */
  hold(seconds: number, at: Tick): void
  held(at: Tick): boolean
}

/** Identity, timing and model of one simulated component. */
export interface ComponentOptions {
  readonly site: string
  readonly csc: string
  readonly index: number
  readonly definition: Definition
  readonly seed: number
  readonly origin: number
  readonly publish: Publish
  readonly wheel: TimingWheel
  /** Second of simulated time at which its process starts. */
  readonly startSeconds: number
  readonly firstState: SummaryState
  /** Seconds after exitControl until its process runs again. */
  readonly restartSeconds: number
  /** Seconds for which a command keeps the automatic night away. */
  readonly holdSeconds: number
  readonly model: (context: ModelContext) => Model
  /** Telemetry topics and their rates, per second. */
  readonly rates: ReadonlyMap<string, number>
}

/** How often a second the model advances and running commands are checked. */
const POLL_HZ = 20

/**
 * Creates a component and schedules its work on the timing wheel. Its process starts by itself at
 * `startSeconds`.
 */
export function createComponent(options: ComponentOptions): Component {
  const { csc, index, definition, wheel } = options
  const place = { site: options.site, csc, index }
  const publishers = createTopicPublishers({
    place,
    definition,
    publish: gate(options.publish),
    origin: options.origin
  })
  const seed = hashOf(`${csc}:${index}`, options.seed)
  let impairment = NO_IMPAIRMENT
  let heldUntil = 0

  function gate(publish: Publish): Publish {
    return (subject, data) => {
      if (!impairment.dead) publish(subject, data)
    }
  }
  const context: ModelContext = {
    csc,
    index,
    seed,
    state: () => lifecycle.state(),
    event: publishers.event,
    valueOf: rememberValues(definition),
    say: (level, message, at) =>
      void publishers.event('logMessage').put(
        {
          name: csc,
          level: LEVEL[level],
          message,
          functionName: '',
          filePath: '',
          process: options.origin
        },
        at
      ),
    fault: (code, report, at) => lifecycle.fault(code, report, at)
  }
  const model = options.model(context)
  const lifecycle: Lifecycle = createLifecycle({ ...options, publishers, model, seed })
  const commands = createCommands({ definition, lifecycle, model, publishers })
  const telemetry = createTelemetry({ publishers, definition, model, seed, rates: options.rates })

  const component: Component = {
    csc,
    index,
    name: `${csc}:${index}`,
    state: lifecycle.state,
    sendsHeartbeat: () => lifecycle.running() && !impairment.silent && !impairment.dead,
    fault: lifecycle.fault,
    impairment: () => impairment,
    setImpairment(change) {
      impairment = { ...impairment, ...change }
    },
    hold(seconds, at) {
      heldUntil = Math.max(heldUntil, at.tai + seconds)
    },
    held: at => at.tai < heldUntil,
    execute(received, at) {
      if (impairment.dead || !lifecycle.running()) return
      if (
        lifecycle.state() === SUMMARY.ENABLED &&
        definition.commands.get(received.command)?.generic === false
      )
        component.hold(options.holdSeconds, at)
      commands.execute(received, impairment.slowSeconds, at)
    }
  }
  wheel.add(POLL_HZ, at => {
    lifecycle.advance(at)
    if (!lifecycle.running()) return
    model.advance?.(at)
    commands.poll(at)
  })
  wheel.add(1, at => {
    if (component.sendsHeartbeat()) publishers.heartbeat().send(at)
  })
  telemetry.join(wheel, at => lifecycle.running() && !impairment.dead && at.seconds >= options.startSeconds)
  return component
}

/** Caches values of enumeration items by name, because models ask for the same few at every tick. */
function rememberValues({ enumerations }: Definition): ModelContext['valueOf'] {
  const known = new Map<string, number>()
  return (enumeration, item) => {
    const name = `${enumeration}.${item}`
    const value = known.get(name)
    if (value !== undefined) return value
    const found = enumerations.get(enumeration)?.items.find(one => one.name === item)?.value
    const number = typeof found === 'number' ? found : 0
    known.set(name, number)
    return number
  }
}
