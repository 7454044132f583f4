import { encodeClientFrame, parseServerMessage, type ServerRecord } from '@meridian/protocol/live'
import { WebSocket } from 'ws'

/** Opens a view of one pattern at a gateway: ms from connecting to the whole snapshot, and how many topics that has. */
export function openView(
  address: string,
  pattern: string
): Promise<{ readonly ms: number; readonly topics: number }> {
  const from = performance.now()
  const ws = new WebSocket(new URL('/live', address), ['meridian.v1.msgpack'])
  const topics = new Set<number>()
  return new Promise((resolve, reject) => {
    ws.on('error', reject)
    ws.on('open', () =>
      ws.send(encodeClientFrame('msgpack', { op: 'subscribe', id: 1, patterns: [{ pattern }] }))
    )
    ws.on('message', data => {
      for (const record of parseServerMessage(data as Buffer))
        if (isData(record)) topics.add(record[0])
        else if (record.op === 'live') {
          resolve({ ms: performance.now() - from, topics: topics.size })
          ws.close()
        }
    })
  })
}

const isData = (record: ServerRecord): record is Extract<ServerRecord, readonly unknown[]> =>
  Array.isArray(record)
