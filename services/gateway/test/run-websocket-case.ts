import type { Test } from 'tap'
import { OPCODE, RawSocket } from './raw-socket.ts'
import type { WebSocketCase } from './websocket-cases.ts'

/** What became of a case, in the form of what is expected of it. */
interface CaseOutcome {
  readonly pongIds: readonly unknown[]
  readonly controlPongs: readonly string[]
  readonly errors: readonly unknown[]
  readonly close: number | undefined
  readonly fault: string | undefined
}

const LAST = 999_999

/** Plays a case in pieces of `chop` bytes, then asks whether the connection still works. */
async function outcomeOf(port: number, { name, bytes }: WebSocketCase, chop?: number): Promise<CaseOutcome> {
  const raw = await RawSocket.open(port)
  await raw.write(bytes, chop)
  if (!raw.socket.destroyed)
    await raw.send({ opcode: OPCODE.text, payload: JSON.stringify({ op: 'ping', id: LAST }) })
  const has = (id: number): boolean =>
    raw.records().some(record => record['op'] === 'pong' && record['id'] === id)
  await raw.whenTrue(() => has(LAST) || raw.closeCode() !== undefined, name)
  raw.socket.end()
  if (raw.closeCode() !== undefined) await raw.whenEnded(name)
  raw.socket.destroy()
  const records = raw.records()
  return {
    pongIds: records.filter(({ op, id }) => op === 'pong' && id !== LAST).map(({ id }) => id),
    controlPongs: raw.frames
      .filter(({ opcode }) => opcode === OPCODE.pong)
      .map(({ payload }) => payload.toString('hex')),
    errors: records.filter(({ op }) => op === 'error').map(({ error }) => (error as { code: string }).code),
    close: raw.closeCode(),
    fault: raw.fault
  }
}

/** Plays a case and holds it against what is expected. */
export async function runCase(t: Test, port: number, one: WebSocketCase, chop?: number): Promise<void> {
  const outcome = await outcomeOf(port, one, chop)
  const { expected, name } = one
  t.equal(outcome.fault, undefined, `${name}: the server's frames are good`)
  if ('close' in expected) {
    t.equal(outcome.close, expected.close, name)
    t.same(outcome.pongIds, expected.answered ?? [], `${name}: what was answered before`)
    return
  }
  t.equal(outcome.close, undefined, `${name}: it stays open`)
  if ('error' in expected) t.same(outcome.errors, [expected.error], name)
  else {
    t.same(outcome.pongIds, expected.pongIds, name)
    const pongs = (expected.controlPongs ?? []).map(payload => Buffer.from(payload).toString('hex'))
    t.same(outcome.controlPongs, pongs, `${name}: pongs`)
  }
}
