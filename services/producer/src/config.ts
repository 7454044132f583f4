import { observatorySettings } from '@meridian/catalogue'
import { beatSettings, commonSettings } from '@meridian/service'
import Type, { type Static } from 'typebox'
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
      description: 'where samples come from: nats-raw reads what components publish on raw.'
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
    UNKNOWN_TOPICS: Type.Integer({
      default: 5_000,
      minimum: 0,
      description: 'topics outside the catalogue that are let through'
    })
  })
}

/** The settings of a producer after validation, defaults filled in. */
export type ProducerConfig = Static<typeof spec.settings>
