import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from './policy/rule.ts'

/** Fields of a kustomization that are going, or change selectors, and what takes their place. */
const FIELDS: Readonly<Record<string, string>> = {
  vars: 'replacements',
  patchesStrategicMerge: 'patches',
  patchesJson6902: 'patches',
  bases: 'resources',
  commonLabels: 'labels'
}

/** Something that Kustomize would fetch from elsewhere. */
const REMOTE = /^\s*-\s*\S*(https?:\/\/|git@|github\.com\/|\?ref=)/m

/** What is wrong in the text of a kustomization, whichever folder it is in. */
export const faultsOfKustomization = (file: string, text: string): Fault[] => [
  ...Object.entries(FIELDS)
    .filter(([field]) => new RegExp(`^${field}:`, 'm').test(text))
    .map(([field, instead]) => ({ object: file, rule: 'fields', what: `${field}: write ${instead}` })),
  ...(REMOTE.test(text) ? [{ object: file, rule: 'local', what: 'it fetches something from elsewhere' }] : [])
]

/** What is wrong in the kustomizations below a folder. */
export const faultsOfSources = (folder: string): Fault[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter(file => file.endsWith('kustomization.yaml'))
    .flatMap(file => faultsOfKustomization(file, readFileSync(join(folder, file), 'utf8')))
