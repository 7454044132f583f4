import type { StreamMessage } from '@meridian/broker'
import { taiSecondsOf } from '@meridian/time'

/** When a stored sample was received, TAI seconds: its own stamp of receipt, or else when it was stored. */
export const receivedOf = ({ timeUs }: Pick<StreamMessage, 'timeUs'>, rcvStamp: number): number =>
  rcvStamp > 0 ? rcvStamp : taiSecondsOf(timeUs / 1000)
