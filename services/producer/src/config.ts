import { observatorySettings } from '@meridian/catalogue'
import { salSettings } from '@meridian/sal'
import { beatSettings, commonSettings } from '@meridian/service'
import { type Static, Type } from 'typebox'
import { sourceNames } from './sources/sources.ts'

/** Environment variables of a producer, with defaults and bounds. */
export const spec = {
  service: 'producer',
  summary: 'publishes what components say as samples on tel., hb., evt. and script.',
  settings: Type.Object({
    ...commonSettings,
    ...beatSettings,
    SOURCE: Type.Enum(sourceNames, {
      default: 'nats-raw',
      description: 'nats-raw: what components publish on raw.; sal-kafka: what they say in SAL on Kafka'
    }),
    PRODUCE: Type.String({
      default: 'rest',
      description:
        "what this process is assigned: 'rest', or a list such as 'MTM1M3:0{only:imsData|forceActuatorData},ESS:*,part:mtm2-event'"
    }),
    EXCEPT: Type.String({
      default: '',
      description: 'with PRODUCE=rest: what other producers are assigned, in the same form'
    }),
    ...observatorySettings,
    SPOOL_MB: Type.Integer({
      default: 64,
      minimum: 1,
      description: 'megabytes of samples kept while the broker is away'
    }),
    CATCH_UP_MINUTES: Type.Integer({
      default: 60,
      minimum: 1,
      description:
        'with sal-kafka: telemetry from longer before the start is not read; events always are, as far as Kafka keeps them'
    }),
    ...salSettings,
    NAMES_PER_COMPONENT: Type.Integer({
      default: 2_000,
      minimum: 0,
      description:
        'names (index, topic, key) of a component of the catalogue or the site, for telemetry, events and heartbeats each; new ones beyond are refused'
    }),
    NAMES_PER_UNKNOWN: Type.Integer({
      default: 200,
      minimum: 0,
      description: 'the same for a component that neither catalogue nor site lists'
    }),
    UNKNOWN_COMPONENTS: Type.Integer({
      default: 100,
      minimum: 0,
      description: 'components that neither catalogue nor site lists; further ones are refused'
    })
  })
}

/** The settings of a producer after validation, defaults filled in. */
export type ProducerConfig = Static<typeof spec.settings>
