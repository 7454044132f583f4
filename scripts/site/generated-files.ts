import type { Catalogue, ProducerProfile, Site } from '@meridian/catalogue'
import { stringify } from 'yaml'
import { natsConf } from './nats-conf.ts'
import {
  CATCH_ALL,
  isReadOnly,
  type ProducerEntry,
  processIndices,
  producerEntries
} from './producer-entries.ts'
import { heapOf, memoryLimitOf, profileTable } from './profile-table.ts'

/** Text of each file by its path in the folder `generated`, in the order of writing. */
export type GeneratedFiles = ReadonlyMap<string, string>

/** Path of the broker's nats.conf among them. */
export const NATS_CONF = 'nats/nats.conf'

/** The site whose files are made, and the sections of its file with all that it extends. */
export interface GeneratedFrom {
  readonly site: Site
  readonly sections: Readonly<Record<string, unknown>>
  readonly catalogue: Catalogue
}

/** All files that a site file stands for: the same bytes each time. */
export function generatedFiles({ site, sections, catalogue }: GeneratedFrom): GeneratedFiles {
  const entries = producerEntries(site, catalogue)
  const names = isReadOnly(site) ? [] : [...entries.map(({ name }) => name).sort(), CATCH_ALL]
  const indices = processIndices(names)
  const indexOf = (name: string): string => String(indices.get(name))
  return new Map([
    ['kustomization.yaml', siteKustomization(site, names)],
    [
      'site.yaml',
      header('..') + stringify(servedSections(sections), { lineWidth: 0, aliasDuplicateObjects: false })
    ],
    [NATS_CONF, natsConf(site)],
    ...entries.map(entry => [fileOf(entry.name), producerKustomization(entry, indexOf(entry.name))] as const),
    ...(names.length === 0
      ? []
      : [[fileOf(CATCH_ALL), catchAllKustomization(site, entries, indexOf(CATCH_ALL))] as const])
  ])
}

const fileOf = (name: string): string => `producers/${name}/kustomization.yaml`

const header = (up: string): string =>
  `# Generated from ${up}/site.yaml by pnpm site generate; changes are lost.\n`

const KUSTOMIZATION = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n'

/** What services read: sizes and links are none of it, so that a change of these restarts nobody. */
function servedSections({ name, deploy: _, profiles: __, ...rest }: GeneratedFrom['sections']): object {
  const told = Object.entries(rest).filter(([, value]) => Object.keys(value as object).length > 0)
  return { name, ...Object.fromEntries(told) }
}

const list = (lines: readonly string[]): string => lines.map(line => `      - ${line}\n`).join('')

function siteKustomization(site: Site, names: readonly string[]): string {
  const resources = names.map(name => `  - producers/${name}\n`).join('')
  return `${header('..')}${KUSTOMIZATION}${resources === '' ? '' : `resources:\n${resources}`}# Argo CD: before whatever reads them.
generatorOptions:
  annotations: { argocd.argoproj.io/sync-wave: "-3" }
configMapGenerator:
  # Settings of every process.
  - name: site-env
    literals:
${list(settingsOf(site))}  # What api, commanders and gateways know of the site: a change rolls them.
  - name: site
    files: [site.yaml]
${names.length === 0 ? '' : PRODUCER_SITE}  # Its name does not change with its text: a new name would roll the servers. The reloader reads the new text.
  - name: nats-conf
    files: [${NATS_CONF}]
    options:
      disableNameSuffixHash: true
  # What replacements of the overlay put into their places; it is not applied.
  - name: site-sizes
    literals:
${list(sizesOf(site))}    options:
      disableNameSuffixHash: true
      annotations: { config.kubernetes.io/local-config: "true" }
`
}

const PRODUCER_SITE = `  # The same under a name that stays: an instance more rolls no producer. What one is assigned is in its own.
  - name: producer-site
    files: [site.yaml]
    options: { disableNameSuffixHash: true }
`

const settingsOf = (site: Site): readonly string[] => [
  `SITE=${site.name}`,
  `BROKER_SITE=${site.deploy.brokerSite}`,
  // The name for browsers, which a gateway and an api know as HOSTS; what they listen on their base says.
  `HOST=${site.deploy.host}`,
  `LOG_LEVEL=${site.deploy.logLevel}`,
  // Whoever only reads another site commands nothing there.
  ...(isReadOnly(site) ? ['OPEN_ROLE=viewer'] : [])
]

const sizesOf = ({ deploy: { gateways, commanders, nats } }: Site): readonly string[] => [
  `GATEWAYS_MIN=${gateways.min}`,
  `GATEWAYS_MAX=${gateways.max}`,
  `COMMANDERS=${commanders}`,
  `NATS_SERVERS=${nats.servers}`,
  `NATS_STORAGE=${nats.storage}`
]

const producerHead = (
  name: string
): string => `${header('../../..')}${KUSTOMIZATION}resources: [../../../../../base/producer]
nameSuffix: -${name}
labels:
  - includeSelectors: true
    pairs: { meridian.observatory/producer: ${name} }
configMapGenerator:
  - name: producer
    literals:
`

const producerKustomization = ({ name, produce, profile }: ProducerEntry, index: string): string =>
  producerHead(name) + list([`"PRODUCE=${produce}"`, `PROCESS_INDEX=${index}`]) + patchOf(profile)

function patchOf(profile: ProducerProfile): string {
  if (profile === 'tiny') return ''
  const resources = profileTable[profile]
  const { cpuMilli, memoryMi } = resources
  return `patches:
  # Profile ${profile}.
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: { name: producer }
      spec:
        template:
          spec:
            containers:
              - name: producer
                env: [{ name: NODE_OPTIONS, value: --max-old-space-size=${heapOf(resources)} }]
                resources:
                  requests: { cpu: ${cpuMilli}m, memory: ${memoryMi}Mi }
                  limits: { memory: ${memoryLimitOf(resources)}Mi }
`
}

/** The catch-all leaves to each of the others what it has; what an instance says besides its parts is the catch-all's. */
const catchAllKustomization = (
  { profiles }: Site,
  entries: readonly ProducerEntry[],
  index: string
): string =>
  producerHead(CATCH_ALL) +
  list(['PRODUCE=rest', `PROCESS_INDEX=${index}`, '>-']) +
  ['EXCEPT=', ...entries.map(({ produce }) => `${produce},`)].map(line => `        ${line}\n`).join('') +
  patchOf(profiles.get(CATCH_ALL) ?? 'tiny')
