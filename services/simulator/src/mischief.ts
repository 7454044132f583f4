import type { Broker, BrokerMessage, BrokerSubscription } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { COMMAND_LIMITS, readJsonObject, SAL_ACK } from '@meridian/protocol/commands'
import type { Component } from './component.ts'
import { NO_TROUBLE } from './component.ts'
import { everyCommandOf, refusalOf } from './exec-door.ts'
import type { ExecutionTable } from './execution-table.ts'
import type { Moment } from './moment.ts'
import type { Observatory } from './observatory.ts'

/** Kinds of trouble that can be made. */
export const MISCHIEF = ['fault', 'silence', 'slow', 'dead', 'heal'] as const
export type Mischief = (typeof MISCHIEF)[number]

/** One trouble for one component. */
export interface Prank {
  readonly kind: Mischief
  readonly component: Component
  readonly code: number
  readonly report: string
  /** For `slow`: by how much answers are late. */
  readonly seconds: number
}

/** The tester's door, `exec.<site>.Simulator.0.<what>`. It is for people and tests; commanders do not know it. */
export interface MischiefDoor {
  open(broker: Broker): void
  close(): Promise<void>
}

export interface MischiefOptions {
  readonly site: string
  readonly observatory: Observatory
  readonly table: ExecutionTable
  readonly now: () => Moment
}

/** Makes the door: fault, silence, slow, dead, heal, executions. */
export function createMischiefDoor(options: MischiefOptions): MischiefDoor {
  let subscription: BrokerSubscription | undefined
  return {
    open(broker) {
      const place = { site: options.site, csc: 'Simulator', index: 0 }
      subscription = broker.subscribe(everyCommandOf(place), message => answer(options, message))
    },
    async close() {
      await subscription?.drain()
      subscription = undefined
    }
  }
}

function answer({ observatory, table, now }: MischiefOptions, message: BrokerMessage): void {
  try {
    const what = message.subject.split('.').at(-1) ?? ''
    const body = readJsonObject(message.data, 'SIM_BAD_REQUEST', COMMAND_LIMITS.execBytes)
    const params = typeof body['params'] === 'object' && body['params'] !== null ? body['params'] : body
    const done = { ack: SAL_ACK.CMD_COMPLETE, error: 0, result: 'Done' }
    if (what === 'executions')
      message.respond(JSON.stringify({ ...done, ...executionsOf(table, body['id']) }))
    else {
      play(prankFrom(what, params as Record<string, unknown>, observatory), now())
      message.respond(JSON.stringify(done))
    }
  } catch (err) {
    message.respond(JSON.stringify(refusalOf(err)))
  }
}

// The newest thousand, so that the answer stays far below the broker's limit.
const SHOWN = 1000

function executionsOf(table: ExecutionTable, id: unknown): Record<string, unknown> {
  const wanted = typeof id === 'string' ? [table.find(id)] : table.all().slice(-SHOWN)
  const rows = wanted.flatMap(one =>
    one === undefined
      ? []
      : [[one.id, { name: one.name, executions: one.executions, requests: one.requests }]]
  )
  return { executed: table.executed(), duplicates: table.duplicates(), ids: Object.fromEntries(rows) }
}

/** Does it to the component. */
export function play({ kind, component, code, report, seconds }: Prank, at: Moment): void {
  if (kind === 'fault') component.fault(code, report, at)
  if (kind === 'silence') component.setTrouble({ silent: true })
  if (kind === 'slow') component.setTrouble({ slowSeconds: seconds })
  if (kind === 'dead') component.setTrouble({ dead: true })
  if (kind === 'heal') component.setTrouble(NO_TROUBLE)
}

function prankFrom(kind: string, params: Readonly<Record<string, unknown>>, observatory: Observatory): Prank {
  const { csc, index = 0, code = 1, report = 'provoked by a tester', seconds = 5 } = params
  if (!isMischief(kind)) throw bad(`'${kind}' is none of ${MISCHIEF.join(', ')}, executions`)
  if (typeof code !== 'number' || typeof report !== 'string' || typeof seconds !== 'number')
    throw bad("'code' and 'seconds' are numbers, 'report' is text")
  return {
    kind,
    component: componentOf(`${String(csc)}:${String(index)}`, observatory),
    code,
    report,
    seconds
  }
}

/** The troubles of the setting FAULTS: `CSC:index=kind[:code[:report]]`, separated by `;`. Throws SIM_BAD_FAULTS or SIM_NO_COMPONENT. */
export function pranksOf(text: string, observatory: Observatory): readonly Prank[] {
  return text
    .split(';')
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
    .map(entry => {
      const found = /^(\w+):(\d+)=(\w+)(?::(\d+))?(?::(.*))?$/.exec(entry)
      const [, csc, index, kind, number, report = 'asked for by FAULTS'] = found ?? []
      if (kind === undefined || !isMischief(kind))
        throw new AppError('SIM_BAD_FAULTS', { detail: `'${entry}'` })
      const code = Number(number ?? 1)
      const seconds = number === undefined ? 5 : code
      return { kind, component: componentOf(`${csc}:${index}`, observatory), code, report, seconds }
    })
}

function componentOf(name: string, { components }: Observatory): Component {
  const component = components.get(name)
  if (component === undefined) throw new AppError('SIM_NO_COMPONENT', { detail: `'${name}'` })
  return component
}

const isMischief = (kind: string): kind is Mischief => (MISCHIEF as readonly string[]).includes(kind)

const bad = (detail: string): AppError => new AppError('SIM_BAD_REQUEST', { detail })
