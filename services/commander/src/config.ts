import { accessSettings } from '@meridian/auth'
import { observatorySettings } from '@meridian/catalogue'
import { salSettings } from '@meridian/sal'
import { beatSettings, commonSettings } from '@meridian/service'
import { type Static, Type } from 'typebox'
import { sinkNames } from './sinks/sinks.ts'

/** Environment variables of a commander, with defaults and bounds. */
const settings = Type.Object({
  ...commonSettings,
  ...beatSettings,
  ...observatorySettings,
  ...accessSettings,
  SINK: Type.Enum(sinkNames, {
    default: 'nats-exec',
    description:
      'where commands go: nats-exec: to components on exec.; sal-kafka: to those that speak SAL on Kafka'
  }),
  ...salSettings,
  REPLY_MS: Type.Integer({
    default: 10_000,
    minimum: 100,
    description: 'ms in which a component must answer; CMD_INPROGRESS adds its own timeout to it'
  }),
  MAX_OPEN: Type.Integer({
    default: 2_000,
    minimum: 1,
    description: 'commands of the site that may be open at a time; beyond it: CMD_OVERLOAD'
  })
})

/** The settings of a commander after validation, defaults filled in. */
export type CommanderConfig = Static<typeof settings>

/** Name, summary and settings, for `runService` and `--help`. */
export const spec = {
  service: 'commander',
  summary: 'accepts, checks, dispatches and records commands',
  settings
}
