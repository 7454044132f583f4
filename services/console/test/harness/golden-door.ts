import { encodeMsgpack } from '@meridian/msgpack'
import { type GoldenFrames, namedFrame, readGoldenFrames } from './golden-frames.ts'
import { openSockets, type Sockets } from './open-sockets.ts'

/** A socket that says golden frames, byte by byte as they stand in the repository. */
export interface GoldenDoor extends Sockets {
  /** Data records in what it says. */
  readonly updates: number
}

/** The numbers of the golden topics, for frames that use them without announcing them. */
function topicsRecord(frames: GoldenFrames['server']): unknown {
  const records = frames.flatMap(frame => frame.records) as ReadonlyArray<{ readonly op?: string }>
  return records.find(record => record.op === 'topics')
}

/** Says welcome, and after the first request the frame whose name begins with `start`. */
export async function startGoldenDoor(start: string): Promise<GoldenDoor> {
  const frames = readGoldenFrames().server
  const frame = namedFrame(frames, start)
  const sockets = await openSockets(ws => {
    ws.send(Buffer.from(namedFrame(frames, 'welcome').msgpack, 'hex'))
    ws.once('message', () => {
      ws.send(encodeMsgpack([topicsRecord(frames)]))
      ws.send(Buffer.from(frame.msgpack, 'hex'))
    })
  })
  return { ...sockets, updates: frame.records.filter(Array.isArray).length }
}
