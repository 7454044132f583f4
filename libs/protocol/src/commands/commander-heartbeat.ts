import { objectSchema } from '../object-schema.ts'
import { parseAs, readJson } from '../parse.ts'
import type { RecordMessage } from './records.ts'
import { flag, number, text } from './values.ts'

/** What a commander says on `cmdr.<site>.alive` for as long as it lives. */
export interface CommanderHeartbeat {
  readonly commander: string
  /** Id of this run of the commander; differs at each start. */
  readonly boot: string
  /** When it was said, TAI seconds by the commander's clock: doors measure its distance from theirs. */
  readonly time?: number
  /** True in its last one: the others need not wait for its silence. */
  readonly leaving?: boolean
}

const heartbeatSchema = objectSchema<CommanderHeartbeat>({
  required: { commander: text, boot: text },
  optional: { time: number, leaving: flag }
})

/** Reads what a commander says on `cmdr.<site>.alive`. Throws CMD_BAD_RECORD. */
export const parseCommanderHeartbeat = ({ data }: RecordMessage): CommanderHeartbeat =>
  parseAs(heartbeatSchema, readJson(data, 'CMD_BAD_RECORD'), 'CMD_BAD_RECORD')
