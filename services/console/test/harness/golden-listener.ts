import { type ClientFrame, encodeClientFrame, parseClientFrame } from '@meridian/protocol/live'
import type { WebSocket } from 'ws'
import { namedFrame, readGoldenFrames } from './golden-frames.ts'
import { openSockets, type Sockets } from './open-sockets.ts'

/**
 * A gateway that answers what `speak` of browser-client.ts says, and notes by name which golden frame each
 * message was.
 */
export interface GoldenListener extends Sockets {
  /** Names of the golden frames in the order heard; a message that is none of them stands as it came. */
  readonly heard: readonly string[]
  /** Ends it once the client has left: nothing more is to be heard. */
  left(): Promise<void>
}

const golden = readGoldenFrames()
const { cursor } = namedFrame(golden.client, 'resume').frame as { readonly cursor: string }

/**
 * Opens it. The first connection ends, for the client to resume, as soon as both of its subscriptions are
 * live.
 */
export async function startGoldenListener(): Promise<GoldenListener> {
  const heard: string[] = []
  let leave = (): void => undefined
  const hasLeft = new Promise<void>(resolve => {
    leave = resolve
  })
  let connections = 0
  const sockets = await openSockets(ws => {
    const isFirst = ++connections === 1
    if (!isFirst) ws.once('close', () => leave())
    const say = (records: readonly unknown[]): void => sayTo(ws, records)
    say(namedFrame(golden.server, 'welcome').records)
    ws.on('message', (data, isBinary) => {
      const message = isBinary ? (data as Buffer) : String(data)
      heard.push(nameOf(message))
      const frame = parseClientFrame(message)
      say(answerTo(frame))
      if (isFirst && frame.op === 'subscribe' && frame.id === 2) ws.close(1012)
    })
  })
  return {
    ...sockets,
    heard,
    async left() {
      await hasLeft
      sockets.stop()
    }
  }
}

function sayTo(ws: WebSocket, records: readonly unknown[]): void {
  if (records.length > 0)
    ws.send(encodeClientFrame(ws.protocol.endsWith('json') ? 'json' : 'msgpack', records))
}

function nameOf(message: string | Buffer): string {
  const found = golden.client.find(({ msgpack, json }) =>
    typeof message === 'string' ? message === json : message.toString('hex') === msgpack
  )
  return found?.name ?? `not golden: ${typeof message === 'string' ? message : message.toString('hex')}`
}

function answerTo(frame: ClientFrame): readonly unknown[] {
  if (frame.op === 'subscribe') return live(frame.id)
  if (frame.op === 'command') return namedFrame(golden.server, 'a command accepted').records
  if (frame.op !== 'resume') return []
  return [
    { op: 'resumed', streams: { EVT: 'resumed' } },
    ...frame.subscriptions.flatMap(({ id }) => live(id))
  ]
}

const live = (id: number): readonly unknown[] => [
  { op: 'subscribed', id, topics: 0, refused: [] },
  { op: 'live', id, cursor }
]
