import { connect } from 'node:net'
import type { ControlRecord } from '@meridian/protocol/live'
import { waitFor } from '@meridian/testing'
import { LiveClient } from '../test/live-client.ts'
import { OPCODE, RawSocket } from '../test/raw-socket.ts'
import type { HostileAct } from './hostile-frames.ts'

// Each attack is one connection, and gives what it was answered: codes of errors, close codes, statuses.

/** Only a failure takes as long. */
const WAIT_MS = 90_000
const LAST_PING = 77_777

/**
 * Sends whole messages through a WebSocket library. Each must have an answer of its own, or the connection
 * must end with a close code.
 */
export async function attackByFrames(
  port: number,
  codec: 'json' | 'msgpack',
  acts: readonly HostileAct[]
): Promise<readonly string[]> {
  const client = await LiveClient.open(port, codec)
  for (const act of acts)
    if (client.ws.readyState === client.ws.OPEN) client.ws.send(act.kind === 'text' ? act.text : act.bytes)
  if (client.ws.readyState === client.ws.OPEN) client.send({ op: 'ping', id: LAST_PING })
  // A `resumed` of no subscription hides the `subscribed` of the next frame: so many may be missing.
  const isAnswered = (): boolean =>
    client.closed !== undefined || answersOf(client) + client.all('resumed').length > acts.length
  await waitFor(isAnswered, { what: `${acts.length} answers and one more`, timeoutMs: WAIT_MS }).catch(
    (cause: unknown) => {
      throw new Error(`${answersOf(client)} answers to ${acts.length + 1} frames`, { cause })
    }
  )
  client.ws.terminate()
  const codes = client.all('error').map(({ error }) => error.code)
  return client.closed === undefined || client.closed.code === 1006
    ? codes
    : [...codes, `close ${client.closed.code}`]
}

const ANSWERS: readonly ControlRecord['op'][] = [
  'error',
  'pong',
  'subscribed',
  'unsubscribed',
  'resumed',
  'command'
]

/** Answers to frames: the `subscribed` ones right behind a `resumed` belong to it. */
function answersOf({ records }: LiveClient): number {
  let count = 0
  let isResumed = false
  for (const record of records) {
    const op = 'op' in record ? record.op : undefined
    if (op !== undefined && ANSWERS.includes(op) && !(isResumed && op === 'subscribed')) count++
    isResumed = op === 'resumed' || (isResumed && op === 'subscribed')
  }
  return count
}

/** Writes bytes past any library. The server ends the connection with a close frame, or answers a ping. */
export async function attackByBytes(
  port: number,
  codec: 'json' | 'msgpack',
  parts: readonly Uint8Array[]
): Promise<readonly string[]> {
  const raw = await RawSocket.open(port, codec)
  for (const bytes of parts) await raw.write(bytes)
  await raw.send({ opcode: OPCODE.ping, payload: 'the last' })
  raw.socket.end()
  const hasPong = (): boolean =>
    raw.frames.some(({ opcode, payload }) => opcode === OPCODE.pong && payload.toString() === 'the last')
  await raw.whenTrue(() => hasPong() || raw.closeCode() !== undefined, 'a pong or a close frame')
  await raw.whenEnded('the server')
  if (raw.fault !== undefined) throw new Error(`the server sent ${raw.fault}`)
  const code = raw.closeCode()
  return code === undefined ? [] : [`close ${code}`]
}

/** Sends the head of a request. The answer is an upgrade, a document with a code, or none where no head came. */
export async function attackByRequest(port: number, request: Buffer): Promise<readonly string[]> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(request)
  socket.end()
  await waitFor(() => socket.readableEnded || socket.destroyed, { what: 'an end', timeoutMs: WAIT_MS })
  socket.destroy()
  const text = Buffer.concat(chunks).toString('latin1')
  const [, status = 'none'] = /^HTTP\/1\.1 (\d{3}) /.exec(text) ?? []
  const codes = [...text.matchAll(/"code":"([A-Z_]+)"/g)].map(([, code]) => code as string)
  const needsCode = Number(status) >= 400 && !request.toString('latin1', 0, 5).startsWith('HEAD')
  if (needsCode && codes.length === 0) throw new Error(`no code in: ${text.slice(0, 500)}`)
  return [`status ${status}`, ...codes]
}
