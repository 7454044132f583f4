import { encodeMsgpack } from '@meridian/msgpack'
import type { ControlRecord } from '@meridian/protocol/live'
import { matches, parsePattern } from '@meridian/subjects'
import { taiSecondsOf } from '@meridian/time'
import type { WebSocket } from 'ws'

/** One message as the observatory of a test says it. */
interface Said {
  readonly subject: string
  readonly seq: number
  readonly time: number
  readonly received: number
  readonly fields: Readonly<Record<string, unknown>>
  readonly uncatalogued: boolean
}

interface PatternAsked {
  readonly pattern: string
  readonly rate?: number
  readonly quality?: string
  readonly fields?: readonly string[]
}

/** A connection of a page, and what it asked for. */
export interface Peer {
  readonly socket: WebSocket
  readonly asked: Map<number, readonly PatternAsked[]>
  readonly announced: Set<number>
  /** What waits while the link is held. */
  readonly held: Uint8Array[]
}

/**
 * Last values and the connections that see them change: what a gateway is to a page, without a broker behind
 * it.
 */
export interface Observatory {
  say(
    subject: string,
    fields?: Readonly<Record<string, unknown>>,
    options?: { uncatalogued?: boolean; time?: number; received?: number }
  ): void
  join(peer: Peer): void
  leave(peer: Peer): void
  subscribe(peer: Peer, id: number, patterns: readonly PatternAsked[]): void
  last(subject: string): Said | undefined
  history(subject: string): readonly Said[]
  /** All that was said on subjects that match a pattern, oldest first. */
  matching(pattern: string): readonly Said[]
  /** Holds back whatever is for pages, pongs included, as a stalled link does; `release` lets all of it go. */
  hold(): void
  release(): void
  /** Sends records to one page. */
  send(peer: Peer, records: readonly unknown[]): void
  /** Control records to every page: `broker`, `reconnect`. */
  tell(record: ControlRecord): void
}

/** Messages kept per subject for history. */
const KEPT = 4000

const nowTai = (): number => taiSecondsOf(Date.now())

const wants = (patterns: readonly PatternAsked[], subject: string): readonly PatternAsked[] =>
  patterns.filter(({ pattern }) => matches(parsePattern(pattern), subject))

/** Creates an observatory in which nothing was said yet. */
export function createObservatory(): Observatory {
  const topics = new Map<string, { id: number; said: Said[] }>()
  const peers = new Set<Peer>()
  let seq = 0
  let isHeld = false

  function send(peer: Peer, records: readonly unknown[]): void {
    const bytes = encodeMsgpack(records)
    if (isHeld) peer.held.push(bytes)
    else if (peer.socket.readyState === peer.socket.OPEN) peer.socket.send(bytes)
  }

  function announce(peer: Peer, subject: string, id: number, uncatalogued: boolean): readonly unknown[] {
    if (peer.announced.has(id)) return []
    peer.announced.add(id)
    return [{ op: 'topics', topics: [uncatalogued ? [id, subject, 'uncatalogued'] : [id, subject]] }]
  }

  const recordOf = (id: number, said: Said): readonly unknown[] => [
    id,
    said.seq,
    said.time,
    said.fields,
    said.received
  ]

  function subscribe(peer: Peer, id: number, patterns: readonly PatternAsked[]): void {
    peer.asked.set(id, patterns)
    const records: unknown[] = [{ op: 'subscribed', id, topics: 0, refused: [] }]
    for (const [subject, { id: topicId, said }] of topics) {
      const last = said.at(-1) as Said
      if (wants(patterns, subject).length === 0) continue
      records.push(...announce(peer, subject, topicId, last.uncatalogued), recordOf(topicId, last))
    }
    records.push({ op: 'live', id, cursor: '1.EVT.a.0.0' })
    send(peer, records)
  }

  return {
    say(subject, fields = {}, { uncatalogued = false, time = nowTai(), received = nowTai() } = {}) {
      const topic = topics.get(subject) ?? { id: topics.size + 1, said: [] }
      topics.set(subject, topic)
      const said: Said = { subject, seq: ++seq, time, received, fields, uncatalogued }
      topic.said.push(said)
      if (topic.said.length > KEPT) topic.said.shift()
      for (const peer of peers) {
        if (![...peer.asked.values()].some(patterns => wants(patterns, subject).length > 0)) continue
        send(peer, [...announce(peer, subject, topic.id, uncatalogued), recordOf(topic.id, said)])
      }
    },
    join: peer => peers.add(peer),
    leave: peer => peers.delete(peer),
    subscribe,
    last: subject => topics.get(subject)?.said.at(-1),
    history: subject => topics.get(subject)?.said ?? [],
    matching(pattern) {
      const all = [...topics].filter(([subject]) => matches(parsePattern(pattern), subject))
      return all.flatMap(([, { said }]) => said).sort((a, b) => a.seq - b.seq)
    },
    hold() {
      isHeld = true
    },
    release() {
      isHeld = false
      for (const { socket, held } of peers) for (const bytes of held.splice(0)) socket.send(bytes)
    },
    send,
    tell(record) {
      for (const peer of peers) send(peer, [record])
    }
  }
}
