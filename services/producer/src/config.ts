import { observatorySettings } from '@meridian/catalogue'
import { commonSettings } from '@meridian/service'
import Type, { type Static } from 'typebox'

/** Settings of a producer. */
export const spec = {
  service: 'producer',
  summary: 'publishes what components say on raw. as samples on tel., hb., evt. and script.',
  settings: Type.Object({
    ...commonSettings,
    PRODUCE: Type.String({
      default: 'rest',
      description:
        "what this process carries: 'rest', or a list such as 'MTM1M3:0{only:imsData|forceActuatorData},ESS:*,part:mtm2-event'"
    }),
    EXCEPT: Type.String({
      default: '',
      description: 'with PRODUCE=rest: what other producers carry, in the same form'
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

/** What a producer is told. */
export type ProducerConfig = Static<typeof spec.settings>
