import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'

/** Which broker a tool talks to, and who said so. */
export interface ChosenBroker {
  readonly url: string
  /** Such as `NATS_URL`, or the file that names it. */
  readonly saidBy: string
}

/** What a person may say about the broker. */
export interface BrokerChoice {
  readonly nats?: string
  /** Data folder of a running system. */
  readonly data?: string
}

const USUAL_DATA = '.meridian'
const USUAL_URL = 'nats://127.0.0.1:4222'

/**
 * The broker that `--nats`, then `--data`, then NATS_URL, then the system that runs in `.meridian` names, else
 * NATS's usual port. Throws RUN_NO_SYSTEM where nothing runs in the folder of `--data`.
 */
export function brokerOf({ nats, data }: BrokerChoice, natsUrl = process.env['NATS_URL']): ChosenBroker {
  if (nats !== undefined) return { url: nats, saidBy: '--nats' }
  if (data !== undefined) {
    const running = runningIn(data)
    if (running === undefined)
      throw new AppError('RUN_NO_SYSTEM', {
        detail: `--data ${data}: ${join(data, 'run.json')} is not there`
      })
    return running
  }
  if (natsUrl) return { url: natsUrl, saidBy: 'NATS_URL' }
  return runningIn(USUAL_DATA) ?? { url: USUAL_URL, saidBy: "NATS's usual port" }
}

function runningIn(data: string): ChosenBroker | undefined {
  const file = join(data, 'run.json')
  if (!existsSync(file)) return undefined
  const { nats } = JSON.parse(readFileSync(file, 'utf8')) as { nats?: unknown }
  return typeof nats === 'string' ? { url: nats, saidBy: file } : undefined
}
