import type { BrokerSubscription } from '@meridian/broker'
import { Type } from 'typebox'
import { commonSettings, createLog, readConfig, runService, type ServicePart } from '../src/index.ts'

const spec = {
  service: 'echo',
  summary: 'answers what it is asked',
  settings: Type.Object({
    ...commonSettings,
    SUBJECT: Type.String({ default: 'echo', description: 'subject that it answers on' })
  })
}

function echo(subject: string): ServicePart {
  let subscription: BrokerSubscription | undefined
  return {
    name: 'the echo',
    async start({ broker }) {
      subscription = broker.subscribe(subject, message => message.respond(message.data))
      await broker.flush()
    },
    stop: () => subscription?.drain(),
    endpoints: () => [{ name: 'echo', subject, queueGroup: '' }]
  }
}

const config = readConfig(spec)
const log = createLog({ name: spec.service, level: config.LOG_LEVEL, pretty: config.LOG_PRETTY })
await runService({
  name: spec.service,
  description: spec.summary,
  config,
  log,
  parts: () => [echo(config.SUBJECT)]
})
