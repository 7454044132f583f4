import type { BrokerMessage, EndpointStats } from '@meridian/broker'
import { AppError, briefly } from '@meridian/errors'
import type { Hub } from '@meridian/fanout'
import { badParameter, cameAs, type NumberBounds, type ServicePart } from '@meridian/service'
import { gatewayClientsOf } from '@meridian/subjects'
import { createClientList, LIST_BOUNDS, type ListRange } from './client-list.ts'

/** Bytes of a question; it has two numbers. */
const MAX_BYTES = 256

/**
 * Answers on `gw.<site>.clients` who watches what, each gateway for itself, as `$SRV.INFO` lists it. The question
 * is empty or `{"offset":0,"limit":50}`; a wrong one is answered `{"error":…}` with a code.
 */
export function clientsEndpoint(hub: Hub, site: string): ServicePart {
  const subject = gatewayClientsOf(site)
  const counts = { requests: 0, errors: 0, processingMs: 0 }
  let lastError: string | undefined
  let drain = async (): Promise<void> => {}
  const stats = (): EndpointStats => ({ ...counts, ...(lastError !== undefined && { lastError }) })

  return {
    name: 'the list of clients',
    start({ broker, name }) {
      const list = createClientList(hub, name, site)
      const answer = (message: BrokerMessage): string => {
        try {
          return JSON.stringify(list(readRange(message)))
        } catch (caught) {
          const err = AppError.from(caught)
          counts.errors++
          lastError = err.message
          return JSON.stringify({ gateway: name, error: err.toWire() })
        }
      }
      const subscription = broker.subscribe(subject, message => {
        const startMs = performance.now()
        counts.requests++
        message.respond(answer(message))
        counts.processingMs += performance.now() - startMs
      })
      drain = () => subscription.drain()
    },
    stop: () => drain(),
    endpoints: () => [{ name: 'clients', subject, queueGroup: '', stats }]
  }
}

/** The range that a question asks for. Throws NET_BAD_REQUEST. */
function readRange(message: BrokerMessage): ListRange {
  if (message.data.length > MAX_BYTES) throw badQuestion(`has ${message.data.length} bytes`)
  const text = message.text().trim()
  const { offset, limit } = text === '' ? {} : parseQuestion(text)
  return {
    offset: parseBounded('offset', offset, LIST_BOUNDS.offset),
    limit: parseBounded('limit', limit, LIST_BOUNDS.limit)
  }
}

function parseQuestion(text: string): Readonly<Record<string, unknown>> {
  try {
    const asked: unknown = JSON.parse(text)
    if (typeof asked === 'object' && asked !== null) return { ...asked }
  } catch {}
  throw badQuestion(`is ${briefly(text)}`)
}

function parseBounded(name: string, value: unknown, { least, most, usual }: NumberBounds): number {
  if (value === undefined) return usual
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value)
  const expected = `a whole number, ${least} to ${most}`
  throw badParameter({ part: 'body', name, came: cameAs(value), expected })
}

const badQuestion = (came: string): AppError =>
  badParameter({ part: 'body', name: 'body', came, expected: 'nothing, or {"offset":0,"limit":50}' })
