import type { PartitionMessage } from '@meridian/broker'
import { type AckRecord, isTerminal } from '@meridian/protocol/commands'
import type { Span, Tracer } from '@meridian/service'
import type { CommandRef } from './execution.ts'

/** Traces of the commands that this commander executes: a span each, from its dispatch or its adoption to its end. */
export interface CommandTraces {
  /** Begins the span of a command that is about to be sent, as a child of the one that accepted it. */
  begin(command: CommandRef, message: Pick<PartitionMessage, 'headers'>): void
  /**
   * Begins the span of a command that another commander dispatched, in a trace of its own: the record of a command
   * has no trace to go on with. Its attribute `id` is that of the span which was lost.
   */
  adopt(command: CommandRef): void
  /** The headers under which the component is asked; nothing where nothing is traced. */
  headersFor(id: string): { readonly headers?: Readonly<Record<string, string>> }
  /** Adds a stage to the span of its command; the last one ends it. */
  onStage(record: AckRecord): void
  /** Nothing more will be written of a command here: a span that is still open ends as `left open`. */
  onEnded(id: string): void
  /** Ends the spans of commands that are left to other commanders. */
  stop(): void
}

/** Nothing is traced before a command has begun or was adopted, nor anything where tracing is off. */
export function createCommandTraces(tracer: Tracer): CommandTraces {
  const spans = new Map<string, Span>()
  return {
    begin(command, message) {
      if (!tracer.isOn) return
      const parent = message.headers()
      spans.set(
        command.id,
        tracer.start('command execute', { kind: 'client', parent, attributes: { ...command } })
      )
    },
    adopt(command) {
      if (!tracer.isOn) return
      spans.set(command.id, tracer.start('command adopt', { kind: 'internal', attributes: { ...command } }))
    },
    headersFor(id) {
      const headers = spans.get(id)?.headers
      return headers === undefined ? {} : { headers }
    },
    onStage({ id, state }) {
      const span = spans.get(id)
      if (span === undefined) return
      span.event(state)
      if (!isTerminal(state)) return
      span.end(state === 'complete' ? undefined : state)
      spans.delete(id)
    },
    onEnded(id) {
      spans.get(id)?.end('left open')
      spans.delete(id)
    },
    stop() {
      for (const span of spans.values()) span.end('left open')
      spans.clear()
    }
  }
}
