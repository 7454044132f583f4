// B13, the client's half: what a page downloads, and what an update costs from the bytes of a frame to the
// page's handler. The socket is a stand-in that hands prepared frames over, so the figures are of decoding,
// sorting to subscriptions and calling handlers alone, in Node.
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type Client, createClient, type WebSocketLike } from '@meridian/client'
import { encodeClientFrame, type ServerRecord } from '@meridian/protocol/live'
import { everythingBelow, telemetryOf } from '@meridian/subjects'
import { build, type Rollup } from 'vite'
import { rounded, watchCpu } from './cpu.ts'
import type { BenchOptions, BenchResult } from './result.ts'

const MAX_BYTES = 14_000
const TOPICS = 500
const RECORDS_PER_FRAME = 50
const PAGE_UPDATES_PER_SECOND = 5000

type Codec = 'msgpack' | 'json'

/** Runs the client's half of B13. */
export async function run({ seconds }: BenchOptions): Promise<BenchResult> {
  const bytes = await bundleBytes()
  const msgpack = measure('msgpack', seconds / 2)
  const json = measure('json', seconds / 2)
  return {
    id: 'B13',
    what: 'client: size in a page, cost of an update of ten numbers',
    target: '<= 14 KB min+gzip',
    figures: {
      'min+gzip bytes': bytes,
      'msgpack updates per s': Math.round(1e6 / msgpack.us),
      'msgpack CPU us per update': rounded(msgpack.us, 3),
      'json CPU us per update': rounded(json.us, 3),
      [`share of a core at ${PAGE_UPDATES_PER_SECOND} updates/s`]: rounded(
        msgpack.us * PAGE_UPDATES_PER_SECOND * 1e-6,
        4
      ),
      'delivered of expected': rounded((msgpack.delivered + json.delivered) / (msgpack.sent + json.sent), 4)
    },
    reached: bytes <= MAX_BYTES,
    notes: [
      'the page is bundled by vite with nothing but createClient in it',
      'no socket and no drawing in these figures; 60 frames a second in a browser is measured with the console'
    ]
  }
}

async function bundleBytes(): Promise<number> {
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['module', 'browser'] },
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: fileURLToPath(new URL('sdk-page.ts', import.meta.url)) }
    }
  })) as Rollup.RollupOutput
  const code = built.output.map(chunk => ('code' in chunk ? chunk.code : '')).join('')
  return gzipSync(code, { level: 9 }).length
}

interface Measured {
  readonly us: number
  readonly sent: number
  readonly delivered: number
}

function measure(codec: Codec, seconds: number): Measured {
  let delivered = 0
  const { client, give } = connected(codec, () => delivered++)
  for (let i = 0; i < 200; i++) give(frameOf(codec, i))
  // The same bytes would be repetitions to the client: frames are prepared beforehand, a batch at a time.
  let sent = 0
  let us = 0
  delivered = 0
  const until = performance.now() + seconds * 1000
  for (let first = 200; performance.now() < until; first += 400) {
    const batch = Array.from({ length: 400 }, (_, i) => frameOf(codec, first + i))
    const used = watchCpu()
    for (const frame of batch) give(frame)
    us += used().us
    sent += batch.length * RECORDS_PER_FRAME
  }
  client.close()
  return { us: us / sent, sent, delivered }
}

/** A client that is live on a stand-in socket, with one subscription to everything. */
function connected(
  codec: Codec,
  count: () => void
): { client: Client; give: (frame: string | ArrayBuffer) => void } {
  let socket: WebSocketLike | undefined
  class StandIn implements WebSocketLike {
    binaryType = 'arraybuffer'
    readonly protocol = ''
    onopen: WebSocketLike['onopen'] = null
    onmessage: WebSocketLike['onmessage'] = null
    onclose: WebSocketLike['onclose'] = null
    onerror: WebSocketLike['onerror'] = null
    constructor() {
      socket = this
    }
    send(): void {}
    close(): void {}
  }
  const client = createClient({ url: 'ws://bench/live', protocol: codec, WebSocket: StandIn })
  client.subscribe([{ pattern: everythingBelow('tel', {}), quality: 'all' }], { onData: count })
  client.connect()
  const give = (data: string | ArrayBuffer): void => socket?.onmessage?.({ data })
  give(bytesOf(codec, greeting()))
  return { client, give }
}

const greeting = (): readonly ServerRecord[] => [
  { op: 'welcome', protocol: 1, gateway: 'g', site: 'bench', principal: 'p', time: 0, broker: 'connected' },
  { op: 'subscribed', id: 1, topics: TOPICS, refused: [] },
  {
    op: 'topics',
    topics: Array.from(
      { length: TOPICS },
      (_, i) => [i, telemetryOf({ site: 'bench', csc: 'MTMount', index: i, topic: 'azimuth' })] as const
    )
  },
  { op: 'live', id: 1, cursor: 'c' }
]

function frameOf(codec: Codec, frame: number): string | ArrayBuffer {
  const first = frame * RECORDS_PER_FRAME
  return bytesOf(
    codec,
    Array.from({ length: RECORDS_PER_FRAME }, (_, i) => [
      (first + i) % TOPICS,
      first + i + 1,
      1.7e9 + i,
      fieldsOf(first + i)
    ])
  )
}

const fieldsOf = (n: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`actualPosition${i}`, n * 0.001 + i]))

function bytesOf(codec: Codec, records: readonly ServerRecord[]): string | ArrayBuffer {
  const encoded = encodeClientFrame(codec, records)
  return typeof encoded === 'string'
    ? encoded
    : (encoded.buffer.slice(encoded.byteOffset, encoded.byteOffset + encoded.byteLength) as ArrayBuffer)
}
