import type { Component as Definition } from '@meridian/catalogue'
import { type Commands, createCommands, type ReceivedCommand } from './commands.ts'
import { createLifecycle, type Lifecycle } from './lifecycle.ts'
import { LEVEL, type Model, type ModelContext } from './model.ts'
import type { Outlet } from './outlet.ts'
import { hashOf } from './random.ts'
import { SUMMARY, type SummaryState } from './summary-state.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'
import type { Tick } from './tick.ts'
import type { TimingWheel } from './timing-wheel.ts'
import { createTopicPublishers, type TopicPublishers } from './topic-publishers.ts'

/** How a component misbehaves because somebody injected a fault. */
export interface Impairment {
  /** It sends no heartbeats; telemetry, events and commands go on. */
  readonly silent: boolean
  /** Seconds by which every answer to a command is late. */
  readonly slowSeconds: number
  /** It publishes nothing and answers nothing. */
  readonly dead: boolean
}

/** A component to which no fault was injected. */
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
  readonly csc: string
  readonly index: number
  readonly definition: Definition
  readonly seed: number
  readonly origin: number
  readonly outlet: Outlet
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
const HEARTBEAT_HZ = 1

/**
 * Creates a component and schedules its work on the timing wheel. Its process starts by itself at
 * `startSeconds`.
 */
export function createComponent(options: ComponentOptions): Component {
  const { csc, index, definition, rates } = options
  const seed = hashOf(`${csc}:${index}`, options.seed)
  const condition: Condition = { impairment: NO_IMPAIRMENT, heldUntil: 0 }
  const publishers = createTopicPublishers({
    ...options,
    place: { csc, index },
    outlet: topic => {
      const send = options.outlet(topic)
      return values => {
        if (!condition.impairment.dead) send(values)
      }
    }
  })
  const context = contextOf({ ...options, seed }, publishers, () => lifecycle)
  const model = options.model(context)
  const lifecycle: Lifecycle = createLifecycle({ ...options, publishers, model, seed })
  const commands = createCommands({ definition, lifecycle, model, publishers })
  const telemetry = createTelemetry({ publishers, definition, model, seed, rates })
  const parts: Parts = { options, condition, publishers, model, lifecycle, commands, telemetry }
  const component = componentFrom(parts)
  schedule(parts, component)
  return component
}

/** What testers and operators did to a component. */
interface Condition {
  impairment: Impairment
  /** TAI until which the automatic night leaves it alone. */
  heldUntil: number
}

interface Parts {
  readonly options: ComponentOptions
  readonly condition: Condition
  readonly publishers: TopicPublishers
  readonly model: Model
  readonly lifecycle: Lifecycle
  readonly commands: Commands
  readonly telemetry: Telemetry
}

function componentFrom(parts: Parts): Component {
  const { options, condition, lifecycle } = parts
  const { csc, index } = options
  const hold = (seconds: number, at: Tick): void => {
    condition.heldUntil = Math.max(condition.heldUntil, at.tai + seconds)
  }
  return {
    csc,
    index,
    name: `${csc}:${index}`,
    state: lifecycle.state,
    sendsHeartbeat: () => lifecycle.running() && !condition.impairment.silent && !condition.impairment.dead,
    fault: lifecycle.fault,
    impairment: () => condition.impairment,
    setImpairment(change) {
      condition.impairment = { ...condition.impairment, ...change }
    },
    hold,
    held: at => at.tai < condition.heldUntil,
    execute(received, at) {
      if (condition.impairment.dead || !lifecycle.running()) return
      if (keepsNightAway(parts, received.command)) hold(options.holdSeconds, at)
      parts.commands.execute(received, condition.impairment.slowSeconds, at)
    }
  }
}

/** A command that is more than a change of state, to a component that does its work. */
const keepsNightAway = ({ options, lifecycle }: Parts, command: string): boolean =>
  lifecycle.state() === SUMMARY.ENABLED && options.definition.commands.get(command)?.generic === false

function schedule(parts: Parts, component: Component): void {
  const { options, condition, publishers, model, lifecycle, commands, telemetry } = parts
  const { wheel, startSeconds } = options
  wheel.add(POLL_HZ, at => {
    lifecycle.advance(at)
    if (!lifecycle.running()) return
    model.advance?.(at)
    commands.poll(at)
  })
  wheel.add(HEARTBEAT_HZ, at => {
    if (component.sendsHeartbeat()) publishers.heartbeat().send(at)
  })
  const publishes = (at: Tick): boolean =>
    lifecycle.running() && !condition.impairment.dead && at.seconds >= startSeconds
  telemetry.join(wheel, publishes)
}

/** What a model sees of its component; the lifecycle is asked only once the model exists. */
function contextOf(
  { csc, index, seed, definition, origin }: ComponentOptions,
  publishers: TopicPublishers,
  lifecycle: () => Lifecycle
): ModelContext {
  const process = { name: csc, functionName: '', filePath: '', process: origin }
  return {
    csc,
    index,
    seed,
    state: () => lifecycle().state(),
    event: publishers.event,
    valueOf: rememberValues(definition),
    say: (level, message, at) =>
      void publishers.event('logMessage').put({ ...process, level: LEVEL[level], message }, at),
    fault: (code, report, at) => lifecycle().fault(code, report, at)
  }
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
