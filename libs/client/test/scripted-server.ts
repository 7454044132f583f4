import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import {
  type ClientFrame,
  encodeClientFrame,
  parseClientFrame,
  type ServerRecord
} from '@meridian/protocol/live'
import { type WebSocket, WebSocketServer } from 'ws'

/** One connection as the script sees it. */
export interface Visitor {
  readonly number: number
  readonly frames: readonly ClientFrame[]
  /** The next frame of this op, also one that came already but was not taken yet. */
  next<O extends ClientFrame['op']>(op: O): Promise<Extract<ClientFrame, { op: O }>>
  say(...records: readonly ServerRecord[]): void
  sayRaw(data: string | Uint8Array): void
  close(code: number, reason?: string): void
  /** Cuts the TCP connection. */
  cut(): void
  /** Reads and answers nothing any more, while TCP stays open. */
  freeze(): void
  /** Resolves with the close code. */
  readonly closed: Promise<number>
}

/** A gateway on a real socket that says exactly what a test tells it to. */
export interface ScriptedServer {
  readonly url: string
  /** Connections in the order of arrival. */
  visitor(number: number): Promise<Visitor>
  visitors(): number
  stop(): Promise<void>
}

/** What the server does of itself: greet, and answer pings, unless told not to. */
export interface ScriptOptions {
  readonly greet?: boolean
  readonly pong?: boolean
  /** Refuses the upgrade of these connections. */
  readonly refuse?: (number: number) => boolean
}

export const TAI_NOW = (): number => Date.now() / 1000 + 37

const welcome = (gateway = 'gw-1'): ServerRecord => ({
  op: 'welcome',
  protocol: 1,
  gateway,
  site: 'summit',
  principal: 'test',
  time: TAI_NOW(),
  broker: 'connected'
})

export async function startScriptedServer(options: ScriptOptions = {}): Promise<ScriptedServer> {
  const visitors: Visitor[] = []
  const waiting = new Map<number, (visitor: Visitor) => void>()
  const http = createServer()
  const sockets = new WebSocketServer({ noServer: true })
  let arrivals = 0
  http.on('upgrade', (request, socket, head) => {
    const number = ++arrivals
    if (options.refuse?.(number) === true) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, ws => {
      const visitor = visitorOf(ws, number, options)
      visitors[number] = visitor
      waiting.get(number)?.(visitor)
    })
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}/live`,
    visitors: () => arrivals,
    visitor: number =>
      new Promise(resolve => {
        const known = visitors[number]
        if (known === undefined) waiting.set(number, resolve)
        else resolve(known)
      }),
    async stop() {
      for (const ws of sockets.clients) ws.terminate()
      await new Promise(resolve => http.close(resolve))
    }
  }
}

function visitorOf(ws: WebSocket, number: number, { greet = true, pong = true }: ScriptOptions): Visitor {
  const codec = ws.protocol === 'meridian.v1.json' ? 'json' : 'msgpack'
  const frames: ClientFrame[] = []
  const untaken: ClientFrame[] = []
  const takers: { op: string; take: (frame: never) => void }[] = []
  let frozen = false
  const say = (...records: readonly ServerRecord[]): void => ws.send(encodeClientFrame(codec, records))

  function receive(frame: ClientFrame): void {
    frames.push(frame)
    if (frame.op === 'ping' && pong) say({ op: 'pong', id: frame.id, time: TAI_NOW() })
    const taker = takers.findIndex(({ op }) => op === frame.op)
    if (taker < 0) untaken.push(frame)
    else takers.splice(taker, 1)[0]?.take(frame as never)
  }

  ws.on('message', (data: Buffer, isBinary) => {
    if (!frozen) receive(parseClientFrame(isBinary ? new Uint8Array(data) : data.toString()))
  })
  const closed = new Promise<number>(resolve => ws.on('close', resolve))
  if (greet) say(welcome(`gw-${number}`))
  return {
    number,
    frames,
    closed,
    say,
    sayRaw: data => ws.send(data),
    close: (code, reason) => ws.close(code, reason),
    cut: () => (ws as unknown as { _socket: Socket })._socket.destroy(),
    freeze() {
      frozen = true
    },
    next: op =>
      new Promise(resolve => {
        const at = untaken.findIndex(frame => frame.op === op)
        if (at < 0) takers.push({ op, take: resolve })
        else resolve(untaken.splice(at, 1)[0] as never)
      })
  }
}
