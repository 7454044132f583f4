import type { Broker, BrokerMessage, BrokerSubscription } from '@meridian/broker'
import { type ExecRequest, exactJsonOf, type IntakeRecord, parseExecReply } from '@meridian/protocol/commands'
import { execOf, execRepliesOf, execReplyOf, readSubject } from '@meridian/subjects'
import { stageOf } from '../records.ts'
import type { Sink, SinkHandlers, SinkOptions } from './sink.ts'

/** Sends commands on `exec.`, and hears all answers: those to other commanders too, in case one is lost. */
export function createNatsExecSink({ site }: SinkOptions): Sink {
  let broker: Broker | undefined
  let subscription: BrokerSubscription | undefined
  return {
    name: 'nats-exec',
    async start(context, handlers) {
      broker = context.broker
      subscription = broker.subscribe(execRepliesOf(site), message => read(message, handlers))
    },
    send(intake, { headers }) {
      broker?.publish(execOf(intake, intake.command), exactJsonOf(requestOf(intake)), {
        reply: execReplyOf(site, intake.id),
        ...(headers !== undefined && { headers })
      })
    },
    stop: async () => subscription?.unsubscribe()
  }
}

function read(message: BrokerMessage, { onStage, onNotSent, onBadReply }: SinkHandlers): void {
  const to = readSubject(message.subject)
  if (to?.class !== '_INBOX_cmdr') return
  const { id } = to
  if (message.noResponders) {
    onNotSent(id, 'offline: nobody serves this component')
    return
  }
  try {
    onStage(id, stageOf(parseExecReply(message.data)))
  } catch (err) {
    onBadReply(err, { id, bytes: message.data.length })
  }
}

const requestOf = (intake: IntakeRecord): ExecRequest => ({
  id: intake.id,
  csc: intake.csc,
  index: intake.index,
  command: intake.command,
  params: intake.params,
  identity: intake.identity ?? intake.principal,
  notAfter: intake.notAfter
})
