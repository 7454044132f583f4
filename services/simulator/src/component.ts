import type { Component as Definition } from '@meridian/catalogue'
import type { ExecReply } from '@meridian/protocol/commands'
import { createCommands } from './commands.ts'
import { createLife, type Life } from './life.ts'
import type { Publish } from './line.ts'
import { createLines } from './lines.ts'
import { LEVEL, type Model, type Params, type Stage } from './model.ts'
import type { Moment } from './moment.ts'
import { hashOf } from './random.ts'
import { SUMMARY, type SummaryState } from './summary-state.ts'
import { createTelemetry } from './telemetry.ts'
import type { Wheel } from './wheel.ts'

/** What is wrong with a component because a tester asked for it. */
export interface Trouble {
  /** No heartbeats; all else goes on. */
  readonly silent: boolean
  /** Seconds by which every answer to a command is late. */
  readonly slowSeconds: number
  /** Says nothing and answers nothing. */
  readonly dead: boolean
}

export const NO_TROUBLE: Trouble = { silent: false, slowSeconds: 0, dead: false }

/** A command as it comes from the door. */
export interface Order {
  readonly command: string
  readonly params: Params
  readonly reply: (reply: ExecReply) => void
}

/** One simulated instance. */
export interface Component {
  readonly csc: string
  readonly index: number
  /** `ESS:301`, as operators say; index 0 included. */
  readonly name: string
  state(): SummaryState
  /** Its heartbeats go out. */
  beating(): boolean
  execute(order: Order, at: Moment): void
  fault(code: number, report: string, at: Moment): void
  trouble(): Trouble
  setTrouble(trouble: Partial<Trouble>): void
  /** The automatic night leaves it alone until `seconds` from now. */
  hold(seconds: number, at: Moment): void
  held(at: Moment): boolean
}

/** What a component is made from. */
export interface ComponentOptions {
  readonly site: string
  readonly csc: string
  readonly index: number
  readonly definition: Definition
  readonly seed: number
  readonly origin: number
  readonly publish: Publish
  readonly wheel: Wheel
  /** Second of simulated time at which its process starts. */
  readonly startSeconds: number
  readonly firstState: SummaryState
  /** Seconds after exitControl until its process runs again. */
  readonly restartSeconds: number
  /** Seconds for which a command keeps the automatic night away. */
  readonly holdSeconds: number
  readonly model: (stage: Stage) => Model
  /** Telemetry topics and their rates, per second. */
  readonly rates: ReadonlyMap<string, number>
}

/** Times a second that a component looks at its commands and its physics. */
const POLL_HZ = 20

/** Makes a component and puts its work on the wheel. It starts by itself. */
export function createComponent(options: ComponentOptions): Component {
  const { csc, index, definition, wheel } = options
  const place = { site: options.site, csc, index }
  const lines = createLines({ place, definition, publish: gate(options.publish), origin: options.origin })
  const seed = hashOf(`${csc}:${index}`, options.seed)
  let trouble = NO_TROUBLE
  let heldUntil = 0

  function gate(publish: Publish): Publish {
    return (subject, data) => {
      if (!trouble.dead) publish(subject, data)
    }
  }
  const stage: Stage = {
    csc,
    index,
    seed,
    state: () => life.state(),
    event: lines.event,
    valueOf: rememberValues(definition),
    say: (level, message, at) =>
      void lines.event('logMessage').put(
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
    fault: (code, report, at) => life.fault(code, report, at)
  }
  const model = options.model(stage)
  const life: Life = createLife({ ...options, lines, model, seed })
  const commands = createCommands({ definition, life, model, lines })
  const telemetry = createTelemetry({ lines, definition, model, seed, rates: options.rates })

  const component: Component = {
    csc,
    index,
    name: `${csc}:${index}`,
    state: life.state,
    beating: () => life.running() && !trouble.silent && !trouble.dead,
    fault: life.fault,
    trouble: () => trouble,
    setTrouble(change) {
      trouble = { ...trouble, ...change }
    },
    hold(seconds, at) {
      heldUntil = Math.max(heldUntil, at.tai + seconds)
    },
    held: at => at.tai < heldUntil,
    execute(order, at) {
      if (trouble.dead || !life.running()) return
      if (life.state() === SUMMARY.ENABLED && definition.commands.get(order.command)?.generic === false)
        component.hold(options.holdSeconds, at)
      commands.execute(order, trouble.slowSeconds, at)
    }
  }
  wheel.add(POLL_HZ, at => {
    life.advance(at)
    if (!life.running()) return
    model.advance?.(at)
    commands.poll(at)
  })
  wheel.add(1, at => {
    if (component.beating()) lines.heartbeat().send(at)
  })
  telemetry.join(wheel, at => life.running() && !trouble.dead && at.seconds >= options.startSeconds)
  return component
}

/** Values of enumeration items by name: models ask for the same few at every tick. */
function rememberValues({ enumerations }: Definition): Stage['valueOf'] {
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
