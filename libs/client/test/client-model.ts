import { encodeMsgpack } from '@meridian/msgpack'
import { type ClientFrame, parseClientFrame, type ServerRecord } from '@meridian/protocol/live'
import fc from 'fast-check'
import { systemClock } from '../src/clock.ts'
import type { Client, ClientState, CommandHandle, Subscription, WebSocketLike } from '../src/index.ts'
import { createClient } from '../src/index.ts'
import { createHeldClock } from './held-clock.ts'

/**
 * A model of a whole client under whatever gateways, the network, the machine's clock and the program may do, in any
 * order. Sockets and time are the model's; all else is the client as it is shipped.
 */
const STATE = 'evt.summit.MTMount.0.summaryState'
const CLOSE_CODES = [1000, 1001, 1006, 1012, 1013] as const

/** One thing that happens; `which` is the older or the newer open socket, subscription or command. */
type Step =
  | { readonly do: 'connect' | 'close' | 'probe' | 'online' | 'subscribe' | 'command' }
  | { readonly do: 'unsubscribe' | 'update'; readonly which: number }
  | {
      readonly do: 'welcome' | 'answer' | 'data' | 'hint' | 'nonsense' | 'final'
      readonly which: number
    }
  | { readonly do: 'refuse'; readonly which: number; readonly code: number }
  | { readonly do: 'pass' | 'jump'; readonly ms: number }

const which = fc.nat(1)

/** Steps as fast-check draws them; a step that finds nothing to act on does nothing. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('connect', 'connect', 'probe', 'online') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('close') }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('subscribe', 'command') }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('unsubscribe', 'update'), which }) },
    { weight: 18, arbitrary: fc.record({ do: fc.constantFrom('welcome', 'answer', 'answer'), which }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('data', 'hint'), which }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('nonsense', 'final'), which }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('refuse'), which, code: fc.constantFrom(...CLOSE_CODES) })
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.oneof(fc.nat(300), fc.nat(20_000)) })
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('jump'), ms: fc.integer({ min: -9e6, max: 9e6 }) }) }
  ),
  { maxLength: 80, size: 'max' }
)

/** Which states may follow which. `live` to `connecting`: the old socket of a move ended before the new was greeted. */
const LEGAL: Readonly<Record<ClientState, readonly ClientState[]>> = {
  idle: ['connecting', 'closed'],
  connecting: ['live', 'waiting', 'closed'],
  live: ['connecting', 'waiting', 'closed'],
  waiting: ['connecting', 'closed'],
  closed: ['connecting']
}

/** A socket of the model, and what a gateway at its other end would still have to answer. */
class ModelSocket implements WebSocketLike {
  binaryType = ''
  readonly protocol = 'meridian.v1.msgpack'
  onopen: WebSocketLike['onopen'] = null
  onmessage: WebSocketLike['onmessage'] = null
  onclose: WebSocketLike['onclose'] = null
  onerror: WebSocketLike['onerror'] = null
  isOpen = true
  isGreeted = false
  isAnnounced = false
  unanswered: ClientFrame[] = []
  readonly #sent: (frame: ClientFrame) => void

  constructor(sent: (frame: ClientFrame) => void) {
    this.#sent = sent
  }

  send(data: string | Uint8Array): void {
    if (!this.isOpen) throw new Error('sent on a socket that is closed')
    if (!this.isGreeted) throw new Error('sent before the welcome')
    const frame = parseClientFrame(data as Uint8Array)
    this.unanswered.push(frame)
    this.#sent(frame)
  }

  close(): void {
    this.isOpen = false
  }

  say(...records: readonly ServerRecord[]): void {
    this.onmessage?.({ data: encodeMsgpack(records).slice().buffer })
  }

  end(code: number): void {
    this.isOpen = false
    this.onclose?.({ code, reason: 'model' })
  }
}

interface Ended {
  readonly handle: CommandHandle
  accepted: boolean
  done: boolean
}

/** A client in the model's world. `take` throws where a promise of the client does not hold. */
function createModel() {
  const held = createHeldClock()
  Object.assign(systemClock, held.clock)
  const page = globalThis as { addEventListener?: unknown; removeEventListener?: unknown }
  const online = new Set<() => void>()
  page.addEventListener = (_: string, work: () => void) => void online.add(work)
  page.removeEventListener = (_: string, work: () => void) => void online.delete(work)

  const sockets: ModelSocket[] = []
  const subscriptions: Subscription[] = []
  const commands: Ended[] = []
  let cursor = 0
  let seq = 0
  let resumedFrom = 0
  let shown: ClientState = 'idle'
  /** What a handler found: the client would keep a throw of it from us. */
  const faults: string[] = []

  const open = () => sockets.filter(({ isOpen }) => isOpen)

  function sent(frame: ClientFrame): void {
    if (frame.op !== 'resume') return
    const from = Number(frame.cursor)
    if (from < resumedFrom) throw new Error(`resumed from ${from}, and from ${resumedFrom} before`)
    resumedFrom = from
  }

  const client: Client = createClient({
    url: 'ws://model/live',
    WebSocket: class extends ModelSocket {
      constructor() {
        super(sent)
        sockets.push(this)
      }
    }
  })
  client.onStatus(({ state }) => {
    if (state !== shown && !LEGAL[shown].includes(state)) faults.push(`${shown} to ${state}`)
    shown = state
  })

  function subscribe(): void {
    let last = 0
    const handlers = {
      onData(update: { seq: number }) {
        if (update.seq <= last) faults.push(`${update.seq} after ${last}`)
        last = update.seq
      }
    }
    subscriptions.push(client.subscribe([STATE], handlers))
  }

  function command(): void {
    const handle = client.command({ csc: 'MTMount', index: 0, command: 'park' })
    const one: Ended = { handle, accepted: false, done: false }
    commands.push(one)
    const accepted = () => {
      one.accepted = true
    }
    const done = () => {
      one.done = true
    }
    handle.accepted.then(accepted, accepted)
    handle.done.then(done, done)
  }

  const live = (id: number): ServerRecord[] => [
    { op: 'subscribed', id, topics: 1, refused: [] },
    { op: 'live', id, cursor: String(++cursor) }
  ]

  function answersOf(frame: ClientFrame): ServerRecord[] {
    if (frame.op === 'ping') return [{ op: 'pong', id: frame.id, time: 1 }]
    if (frame.op === 'subscribe') return live(frame.id)
    if (frame.op === 'unsubscribe') return [{ op: 'unsubscribed', id: frame.id }]
    if (frame.op === 'resume')
      return [
        { op: 'resumed', streams: { EVT: 'resumed' } },
        ...frame.subscriptions.flatMap(({ id }) => live(id))
      ]
    if (frame.op !== 'command') throw new Error('a frame that the model does not know')
    const error = { code: 'CMD_NOT_ALLOWED', message: 'no', canRetry: false }
    return [{ op: 'command', id: frame.id, error }]
  }

  function atSocket(socket: ModelSocket | undefined, what: string, code = 4403): void {
    if (socket === undefined) return
    if (what === 'refuse' || what === 'final') socket.end(code)
    else if (what === 'nonsense') socket.say([99, 1, 1, {}])
    else if (what === 'welcome' && !socket.isGreeted) {
      socket.isGreeted = true
      const facts = { gateway: 'gw', site: 'summit', principal: 'p', broker: 'connected' } as const
      socket.say({ op: 'welcome', protocol: 1, time: 1, ...facts })
    } else if (socket.isGreeted) speak(socket, what)
  }

  function speak(socket: ModelSocket, what: string): void {
    if (what === 'answer') for (const frame of socket.unanswered.splice(0)) socket.say(...answersOf(frame))
    else if (what === 'hint')
      socket.say({ op: 'reconnect', reason: 'rebalance', afterMs: 20, deadlineMs: 9000 })
    else if (what === 'data') {
      socket.say({ op: 'topics', topics: [[1, STATE]] }, [1, ++seq, seq, {}], {
        op: 'cursor',
        cursor: String(++cursor)
      })
    }
  }

  function act(step: Step): unknown {
    switch (step.do) {
      case 'connect':
      case 'close':
      case 'probe':
        return client[step.do]()
      case 'subscribe':
        return subscribe()
      case 'command':
        return command()
      case 'online':
        return [...online].map(work => work())
      case 'unsubscribe':
        return subscriptions.splice(step.which, 1)[0]?.close()
      case 'update':
        return subscriptions[step.which]?.update([STATE, `${STATE}.x`])
      case 'pass':
        return held.advance(step.ms)
      case 'jump':
        return held.jump(step.ms)
      default:
        return atSocket(open()[step.which], step.do, 'code' in step ? step.code : undefined)
    }
  }

  function take(step: Step): void {
    act(step)
    if (step.do === 'close') assertNothingLives()
    assertSockets()
    if (faults.length > 0) throw new Error(faults.join(', '))
  }

  function assertSockets(): void {
    const { state } = client.status()
    const many = open().length
    const most = { idle: 0, connecting: 1, live: 2, waiting: 0, closed: 0 }[state]
    const least = state === 'connecting' || state === 'live' ? 1 : 0
    if (many > most || many < least) throw new Error(`${state} with ${many} open sockets`)
  }

  function assertNothingLives(): void {
    subscriptions.length = 0
    resumedFrom = 0
    if (open().length > 0) throw new Error(`${open().length} sockets after close()`)
    if (held.timers() > 0) throw new Error(`${held.timers()} timers after close()`)
    if (online.size > 0) throw new Error('listens for the network after close()')
  }

  /** Closes the client and sees that every command has come to an end. */
  async function finish(): Promise<void> {
    take({ do: 'close' })
    await new Promise(resolve => setImmediate(resolve))
    const open = commands.filter(({ accepted, done }) => !accepted || !done)
    if (open.length > 0) throw new Error(`${open.length} commands without an end`)
  }

  return { take, finish }
}

/** What the client promises, over `numRuns` lives of at most 80 steps; fast-check prints the seed of one that fails. */
export async function checkModel(numRuns: number, seed: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(steps, async list => {
      const model = createModel()
      for (const step of list) model.take(step)
      await model.finish()
    }),
    { numRuns, seed }
  )
}
