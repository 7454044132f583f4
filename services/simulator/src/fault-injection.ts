import type { Broker, BrokerMessage, BrokerSubscription } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { COMMAND_SIZES, readJsonObject, SAL_ACK } from '@meridian/protocol/commands'
import { parseSubject, patternOf } from '@meridian/subjects'
import type { Component } from './component.ts'
import { NO_IMPAIRMENT } from './component.ts'
import type { ExecutionTable } from './execution-table.ts'
import type { Observatory } from './observatory.ts'
import type { Tick } from './tick.ts'
import { refusalOf } from './transports/exec-door.ts'

/** What can be done to a component; `heal` ends the others. */
const FAULT_KINDS = ['fault', 'silence', 'slow', 'dead', 'heal'] as const
type FaultKind = (typeof FAULT_KINDS)[number]

/** A fault that is to be injected into one component. */
export interface InjectedFault {
  readonly kind: FaultKind
  readonly component: Component
  readonly code: number
  readonly report: string
  /** For `slow`: by how much answers are late. */
  readonly seconds: number
}

/**
 * Where people and tests inject faults: `exec.<site>.Simulator.0.<kind>`. Commanders know no such component.
 */
export interface FaultInjectionDoor {
  open(broker: Broker): void
  close(): Promise<void>
}

/** Whose components faults are injected into; `now` is the tick under way. */
export interface FaultInjectionOptions {
  readonly site: string
  readonly observatory: Observatory
  readonly table: ExecutionTable
  readonly now: () => Tick
}

/**
 * Creates the fault injection door; besides the kinds of fault it answers `executions`, which tells what
 * became of command ids. Opens nothing.
 */
export function createFaultInjectionDoor(options: FaultInjectionOptions): FaultInjectionDoor {
  let subscription: BrokerSubscription | undefined
  return {
    open(broker) {
      const place = { site: options.site, csc: 'Simulator', index: 0 }
      subscription = broker.subscribe(patternOf('exec', place), message => answer(options, message))
    },
    async close() {
      await subscription?.drain()
      subscription = undefined
    }
  }
}

function answer({ observatory, table, now }: FaultInjectionOptions, message: BrokerMessage): void {
  try {
    const subject = parseSubject(message.subject)
    const what = subject.class === 'exec' ? subject.command : ''
    const body = readJsonObject(message.data, 'SIM_BAD_REQUEST', COMMAND_SIZES.execBytes)
    const params = typeof body['params'] === 'object' && body['params'] !== null ? body['params'] : body
    const done = { ack: SAL_ACK.CMD_COMPLETE, error: 0, result: 'Done' }
    if (what === 'executions')
      message.respond(JSON.stringify({ ...done, ...executionsOf(table, body['id']) }))
    else {
      injectFault(parseFault(what, params as Record<string, unknown>, observatory), now())
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

/**
 * Injects a fault into its component: FAULT by itself, no heartbeats, late answers, or silence; `heal` ends
 * all but FAULT.
 */
export function injectFault({ kind, component, code, report, seconds }: InjectedFault, at: Tick): void {
  if (kind === 'fault') component.fault(code, report, at)
  if (kind === 'silence') component.setImpairment({ silent: true })
  if (kind === 'slow') component.setImpairment({ slowSeconds: seconds })
  if (kind === 'dead') component.setImpairment({ dead: true })
  if (kind === 'heal') component.setImpairment(NO_IMPAIRMENT)
}

function parseFault(
  kind: string,
  params: Readonly<Record<string, unknown>>,
  observatory: Observatory
): InjectedFault {
  const { csc, index = 0, code = 1, report = 'provoked by a tester', seconds = 5 } = params
  if (!isFaultKind(kind)) throw bad(`'${kind}' is none of ${FAULT_KINDS.join(', ')}, executions`)
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

/**
 * Parses the setting FAULTS: `CSC:index=kind[:code[:report]]`, separated by `;`. Throws SIM_BAD_FAULTS or
 * SIM_NO_COMPONENT.
 */
export function parseFaults(text: string, observatory: Observatory): readonly InjectedFault[] {
  return text
    .split(';')
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
    .map(entry => {
      const found = /^(\w+):(\d+)=(\w+)(?::(\d+))?(?::(.*))?$/.exec(entry)
      const [, csc, index, kind, number, report = 'asked for by FAULTS'] = found ?? []
      if (kind === undefined || !isFaultKind(kind))
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

const isFaultKind = (kind: string): kind is FaultKind => (FAULT_KINDS as readonly string[]).includes(kind)

const bad = (detail: string): AppError => new AppError('SIM_BAD_REQUEST', { detail })
