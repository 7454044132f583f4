import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { encodeMsgpack } from '@meridian/msgpack'
import { WebSocketServer } from 'ws'

interface Golden {
  readonly server: ReadonlyArray<{
    readonly name: string
    readonly msgpack: string
    readonly records: readonly unknown[]
  }>
}

/** A socket that says golden frames, byte by byte as they stand in the repository. */
export interface GoldenDoor {
  readonly url: string
  /** Data records in what it says. */
  readonly updates: number
  stop(): void
}

const golden = (): Golden =>
  JSON.parse(
    readFileSync(new URL('../../../../proto/conformance/frames.json', import.meta.url), 'utf8')
  ) as Golden

/** The numbers of the golden topics, for frames that use them without announcing them. */
function topicsRecord(frames: Golden['server']): unknown {
  const records = frames.flatMap(frame => frame.records) as ReadonlyArray<{ readonly op?: string }>
  return records.find(record => record.op === 'topics')
}

/** Says welcome, and after the first request the frame whose name begins with `start`. */
export async function startGoldenDoor(start: string): Promise<GoldenDoor> {
  const frames = golden().server
  const named = (text: string) => {
    const frame = frames.find(one => one.name.startsWith(text))
    if (frame === undefined) throw new Error(`no golden frame '${text}'`)
    return frame
  }
  const frame = named(start)
  const sockets = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: offered => [...offered][0] ?? false
  })
  await new Promise(resolve => sockets.once('listening', resolve))
  sockets.on('connection', ws => {
    ws.send(Buffer.from(named('welcome').msgpack, 'hex'))
    ws.once('message', () => {
      ws.send(encodeMsgpack([topicsRecord(frames)]))
      ws.send(Buffer.from(frame.msgpack, 'hex'))
    })
  })
  return {
    url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}/live`,
    updates: frame.records.filter(Array.isArray).length,
    stop() {
      for (const ws of sockets.clients) ws.terminate()
      sockets.close()
    }
  }
}
