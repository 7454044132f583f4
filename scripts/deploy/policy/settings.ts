import { type Container, type Resource, roleOf } from '../resource.ts'
import { settingIn } from './containers.ts'
import { isStand } from './nats-conf.ts'
import { isWideNetwork } from './networks.ts'
import { type Finding, ofContainers, type Rule } from './rule.ts'

/** Who may do what is decided by these roles [libs/auth]. */
const DECIDING: ReadonlySet<string> = new Set(['gateway', 'api', 'commander'])

/** What a setting is called that should have a secret as its value, or stand in a Secret. */
const SECRET =
  /(^|[_.-])(SECRET|PASSWORD|PASSWD|SEED|TOKEN|NKEY|CREDENTIALS|(PRIVATE|API|ACCESS)_?KEY)S?([_.-]|$)/i
/** Names of settings that are none: files, and our own two of which one is a number for random values, the other one of days. */
const NO_SECRET = /_FILE$|^SEED$|^OIDC_TOKENS_DAYS$/

/** Texts that are secrets, whatever they are called. */
const TEXTS: readonly (readonly [what: string, text: RegExp])[] = [
  ['an nkey seed', /(?<![A-Z2-7])S[ACNOUX][A-Z2-7]{56}(?![A-Z2-7])/],
  ['a private key', /\bPRIVATE KEY\b/],
  ['an address with a password', /:\/\/[^/\s:@]+:[^/\s@]+@/]
]

/** Every text in an object with the field in which it stands. */
function textsIn(value: unknown, field = ''): (readonly [field: string, text: string])[] {
  if (typeof value === 'string') return [[field, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inside]) =>
    textsIn(inside, field === '' ? name : `${field}.${name}`)
  )
}

const decoded = ({ binaryData = {} }: Resource): Record<string, string> =>
  Object.fromEntries(
    Object.entries(binaryData).map(([key, text]) => [key, Buffer.from(text, 'base64').toString('latin1')])
  )

const textFaults = (resource: Resource): Finding[] =>
  textsIn({ ...resource, binaryData: decoded(resource) }).flatMap(([field, text]) =>
    TEXTS.filter(([, found]) => found.test(text)).map(
      ([what]) => [resource, `${field} has ${what}: it belongs into a Secret, and is to be renewed`] as const
    )
  )

const isSecretName = (name: string): boolean => SECRET.test(name) && !NO_SECRET.test(name)

const namedFaults = ({ env = [] }: Container): string[] =>
  env
    .filter(({ name, value, valueFrom }) => isSecretName(name) && (value || valueFrom?.configMapKeyRef))
    .map(
      ({ name }) =>
        `env ${name} stands here for everybody: take it by secretKeyRef, or name a file of a Secret`
    )

function secretFaults(resources: readonly Resource[]): Finding[] {
  const configMaps = resources.filter(({ kind }) => kind === 'ConfigMap')
  return [
    ...resources.filter(({ kind }) => kind !== 'Secret').flatMap(textFaults),
    ...ofContainers(namedFaults)(resources),
    ...configMaps.flatMap(configMap =>
      Object.entries(configMap.data ?? {})
        .filter(([name, value]) => isSecretName(name) && value !== '')
        .map(([name]) => [configMap, `data.${name} is called a secret: it belongs into a Secret`] as const)
    )
  ]
}

/** Whether people log in; where nothing is kept they need not. */
function logInFaults(resources: readonly Resource[]): Finding[] {
  if (isStand(resources)) return []
  return ofContainers((container, workload) => {
    if (!DECIDING.has(roleOf(workload))) return []
    const mode = settingIn(container, 'AUTH_MODE', resources) ?? 'open'
    return [mode === 'open' && 'env AUTH_MODE is open, or not set: nobody logs in: write local or oidc']
  })(resources)
}

/** Rules of settings: what they tell, and whom they let in. */
export const settingRules: readonly Rule[] = [
  { id: 'secrets', demands: 'a secret stands in a Secret alone', check: secretFaults },
  { id: 'log-in', demands: 'people log in, but on a stand where nothing is kept', check: logInFaults },
  {
    id: 'proxies',
    demands: 'what a proxy says of a client is believed of proxies alone',
    check: ofContainers((container, _, resources) =>
      (settingIn(container, 'TRUSTED_PROXIES', resources) ?? '')
        .split(',')
        .filter(isWideNetwork)
        .map(
          network => `env TRUSTED_PROXIES: ${network.trim()} is anybody: name the networks of your proxies`
        )
    )
  }
]
