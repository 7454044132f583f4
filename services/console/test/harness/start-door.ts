import type { AddressInfo } from 'node:net'
import type { Site } from '@meridian/catalogue'
import { encodeMsgpack } from '@meridian/msgpack'
import { type CommandRequest, parseClientFrame } from '@meridian/protocol/live'
import { taiSecondsOf } from '@meridian/time'
import { type WebSocket, WebSocketServer } from 'ws'
import { answerCommand } from './commands.ts'
import { createHttpDoor } from './http-door.ts'
import { createObservatory, type Observatory, type Peer } from './observatory.ts'

/**
 * The one origin of a test: page, api and live frames, with an observatory that says what the test tells it.
 */
export interface Door {
  readonly url: string
  readonly observatory: Observatory
  /** What pages asked for, oldest first. */
  readonly asked: readonly CommandRequest[]
  /** Neither accepts nor answers this command over a socket, until what it returns is called. */
  muffle(csc: string, command: string): () => void
  /**
   * Answers this command at no door; whether it is taken all the same is the test's to say, and by whatever door
   * it comes it is taken once.
   */
  lose(csc: string, command: string, isTaken: boolean): void
  /** Warns when this command is accepted that its component was not heard for so long. */
  warn(csc: string, command: string, silentSeconds: number): void
  /** Ends all connections and refuses new ones until `open`. */
  shut(): void
  open(): void
  /** Resolves once so many connections were refused since it was shut. */
  refused(count: number): Promise<void>
  stop(): Promise<void>
}

/** The site of a door, and its port where it is not to be any free one. */
export interface StartDoor {
  readonly site: Site
  readonly port?: number
}

function welcome(site: string): unknown {
  return {
    op: 'welcome',
    protocol: 1,
    gateway: 'gateway-1',
    site,
    principal: 'anonymous',
    time: taiSecondsOf(Date.now()),
    broker: 'connected'
  }
}

interface Receiver {
  readonly observatory: Observatory
  readonly site: string
  readonly asked: CommandRequest[]
  readonly muffled: Set<string>
  /** Commands that no door answers, and whether they are taken. */
  readonly lost: Map<string, boolean>
  readonly silentSeconds: Map<string, number>
}

const nameOf = ({ csc, command }: Pick<CommandRequest, 'csc' | 'command'>): string => `${csc} ${command}`
const TIMEOUT = { code: 'BRK_TIMEOUT', message: 'BRK_TIMEOUT: broker did not answer in time', canRetry: true }

function takeCommand(receiver: Receiver, request: CommandRequest): unknown {
  const { observatory, site, asked, lost, silentSeconds } = receiver
  const isTaken = lost.get(nameOf(request))
  if (isTaken === false || (isTaken && asked.some(({ id }) => id === request.id))) return { error: TIMEOUT }
  asked.push(request)
  const answer = answerCommand(observatory, site, request, silentSeconds.get(nameOf(request)))
  return isTaken ? { error: TIMEOUT } : answer
}

function answerSocket(peer: Peer, receiver: Receiver, request: CommandRequest): void {
  if (receiver.muffled.has(nameOf(request))) return
  const answer = takeCommand(receiver, request)
  if (!receiver.lost.has(nameOf(request))) peer.socket.send(encodeMsgpack([answer]))
}

function receive(peer: Peer, receiver: Receiver, data: Buffer): void {
  const { observatory } = receiver
  const frame = parseClientFrame(new Uint8Array(data))
  if (frame.op === 'subscribe') observatory.subscribe(peer, frame.id, frame.patterns)
  if (frame.op === 'unsubscribe') peer.asked.delete(frame.id)
  if (frame.op === 'ping')
    observatory.send(peer, [{ op: 'pong', id: frame.id, time: taiSecondsOf(Date.now()) }])
  if (frame.op === 'command') answerSocket(peer, receiver, frame as CommandRequest)
  if (frame.op === 'resume') {
    peer.socket.send(
      encodeMsgpack([{ op: 'resumed', streams: { TEL: 'snapshot', EVT: 'snapshot', COMMANDS: 'snapshot' } }])
    )
    for (const { id, patterns } of frame.subscriptions) observatory.subscribe(peer, id, patterns)
  }
}

/** Starts the door on a free port. */
export async function startDoor(options: StartDoor): Promise<Door> {
  const observatory = createObservatory()
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: offered => [...offered][0] ?? false
  })
  const peers = new Map<WebSocket, Peer>()
  const receiver: Receiver = {
    observatory,
    site: options.site.name,
    asked: [],
    muffled: new Set(),
    lost: new Map(),
    silentSeconds: new Map()
  }
  const http = createHttpDoor({
    ...options,
    observatory,
    command: request => takeCommand(receiver, request)
  })
  let isShut = false
  let refusals = 0
  let onRefusal = (): void => undefined

  http.on('upgrade', (request, socket, head) => {
    if (isShut) {
      refusals += 1
      onRefusal()
      return socket.destroy()
    }
    sockets.handleUpgrade(request, socket, head, ws => {
      const peer: Peer = { socket: ws, asked: new Map(), announced: new Set(), held: [] }
      peers.set(ws, peer)
      observatory.join(peer)
      ws.on('message', data => receive(peer, receiver, data as Buffer))
      ws.on('close', () => {
        peers.delete(ws)
        observatory.leave(peer)
      })
      ws.send(encodeMsgpack([welcome(options.site.name)]))
    })
  })
  await new Promise<void>(resolve => http.listen(options.port ?? 0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    observatory,
    asked: receiver.asked,
    muffle(csc, command) {
      const name = nameOf({ csc, command })
      receiver.muffled.add(name)
      return () => receiver.muffled.delete(name)
    },
    lose: (csc, command, isTaken) => void receiver.lost.set(nameOf({ csc, command }), isTaken),
    warn: (csc, command, seconds) => void receiver.silentSeconds.set(nameOf({ csc, command }), seconds),
    shut() {
      isShut = true
      refusals = 0
      for (const ws of peers.keys()) ws.terminate()
    },
    open() {
      isShut = false
    },
    refused: count =>
      new Promise(resolve => {
        onRefusal = () => refusals >= count && resolve()
        onRefusal()
      }),
    async stop() {
      for (const ws of peers.keys()) ws.terminate()
      sockets.close()
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
    }
  }
}
