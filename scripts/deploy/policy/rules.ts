import { brokerRules } from './broker.ts'
import { placingRules } from './placing.ts'
import { podRules } from './pods.ts'
import { referenceRules } from './references.ts'
import type { Rule } from './rule.ts'
import { scalingRules } from './scaling.ts'
import { wholeRules } from './whole.ts'

/** What every rendering obeys; each rule has a broken object in `rules.test.ts` that it must find. */
export const rules: readonly Rule[] = [
  ...podRules,
  ...scalingRules,
  ...placingRules,
  ...brokerRules,
  ...wholeRules,
  ...referenceRules
]
