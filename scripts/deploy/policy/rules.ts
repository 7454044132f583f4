import { brokerRules } from './broker.ts'
import { livingRules } from './living.ts'
import { networkRules } from './network.ts'
import { placingRules } from './placing.ts'
import { podRules } from './pods.ts'
import { referenceRules } from './references.ts'
import { restrictedRules } from './restricted.ts'
import { rightsRules } from './rights.ts'
import type { Rule } from './rule.ts'
import { scalingRules } from './scaling.ts'
import { selectingRules } from './selecting.ts'
import { settingRules } from './settings.ts'
import { wholeRules } from './whole.ts'

/** What every rendering obeys; each rule has a broken object in `broken/` that it must find, and each file a line in deploy/README.md. */
export const rules: readonly Rule[] = [
  ...podRules,
  ...livingRules,
  ...restrictedRules,
  ...scalingRules,
  ...placingRules,
  ...brokerRules,
  ...networkRules,
  ...settingRules,
  ...rightsRules,
  ...wholeRules,
  ...referenceRules,
  ...selectingRules
]
