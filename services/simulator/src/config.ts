import { observatorySettings } from '@meridian/catalogue'
import { salSettings } from '@meridian/sal'
import { type ConfigSpec, commonSettings } from '@meridian/service'
import { type Static, Type } from 'typebox'
import { transportNames } from './transports/transport-names.ts'

const settings = Type.Object({
  ...commonSettings,
  ...observatorySettings,
  TRANSPORT: Type.Enum(transportNames, {
    default: 'nats-raw',
    description:
      'nats-raw: components speak on raw. and are commanded on exec.; sal-kafka: they speak SAL on Kafka'
  }),
  ...salSettings,
  SEED: Type.Integer({
    default: 1,
    minimum: 0,
    maximum: 4_294_967_295,
    description: 'the same seed gives the same values at the same tick'
  }),
  NIGHT: Type.Boolean({
    default: true,
    description: 'an observing night runs by itself: slews, exposures, scripts'
  }),
  OPERATOR_HOLD_S: Type.Number({
    default: 300,
    minimum: 0,
    description: 'seconds for which a command to a component keeps the night away from it'
  }),
  RESTART_S: Type.Number({
    default: 30,
    minimum: 0,
    description: 'seconds after exitControl until the component starts again, in STANDBY'
  }),
  BEGIN_AFTER_S: Type.Number({
    default: 0,
    minimum: 0,
    description:
      'seconds until the components start: for producers that start beside it, since raw. keeps nothing for them'
  }),
  FAULTS: Type.String({
    default: '',
    description:
      "faults injected at the start, as 'CSC:index=fault|silence|slow|dead[:code[:report]]' separated by ';'"
  }),
  HOLLOW: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 20_000,
    description: 'hollow instances of Test from index 1001 on, for density tests'
  })
})

/** Name, summary and settings, for `runService` and `--help`. */
export const spec: ConfigSpec<typeof settings.properties> = {
  service: 'simulator',
  summary: 'a simulated observatory that speaks raw. and answers exec., or speaks SAL on Kafka',
  settings
}

/** The settings of the simulator after validation, defaults filled in. */
export type SimulatorConfig = Static<typeof settings>
