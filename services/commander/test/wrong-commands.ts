import { move, target } from './commander-world.ts'
import type { ask } from './harness.ts'

/** Requests that no commander accepts: of whom what is asked, the payload, and the code of the answer. */
export const wrongCommands: readonly (readonly [
  whom: Parameters<typeof ask>[1],
  payload: object | string,
  code: string
])[] = [
  [{ csc: 'Nope', command: 'start' }, {}, 'CMD_UNKNOWN_COMPONENT'],
  [{ csc: 'mtmount', command: 'start' }, {}, 'CMD_UNKNOWN_COMPONENT'],
  [{ csc: 'MTMount', index: 7, command: 'start' }, {}, 'CMD_UNKNOWN_INSTANCE'],
  [{ csc: 'MTMount', command: 'explode' }, {}, 'CMD_UNKNOWN_COMMAND'],
  [move, { params: { azimuth: 'ten' } }, 'CMD_BAD_PARAMETER'],
  [move, { params: { ...target, speed: 1 } }, 'CMD_BAD_PARAMETER'],
  [{ csc: 'MTDome', command: 'park' }, {}, 'CMD_OFFLINE'],
  [move, target, 'CMD_BAD_REQUEST'],
  [move, '{"params":', 'CMD_BAD_REQUEST'],
  [move, '[]', 'CMD_BAD_REQUEST'],
  [move, { params: [] }, 'CMD_BAD_REQUEST'],
  [move, { params: target, notAfterSeconds: -1 }, 'CMD_BAD_REQUEST'],
  [move, { params: { azimuth: 'x'.repeat(70_000) } }, 'CMD_TOO_LARGE'],
  [move, { params: target, id: 'no-ulid' }, 'CMD_BAD_ID']
]
