import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSeq, parseDocument } from 'yaml'
import type { Fault } from './policy/rule.ts'

/** Fields of a kustomization that are going, or change selectors, and what takes their place. */
const FIELDS: Readonly<Record<string, string>> = {
  vars: 'replacements',
  patchesStrategicMerge: 'patches',
  patchesJson6902: 'patches',
  bases: 'resources',
  commonLabels: 'labels'
}

/** Fields whose entries Kustomize reads as files or folders, and fetches where they are addresses. */
const READ = [
  'resources',
  'components',
  'bases',
  'crds',
  'configurations',
  'generators',
  'transformers',
  'validators'
]

/** An address of something that Kustomize would fetch. */
const REMOTE = /:\/\/|git@|github\.com\/|\?ref=/

/** Addresses that it would fetch. A text that is no YAML is told by the rendering. */
function fetchedBy(text: string): string[] {
  const document = parseDocument(text, { logLevel: 'silent' })
  return READ.flatMap(field => {
    const entries = document.get(field)
    return isSeq(entries) ? entries.items.map(String).filter(entry => REMOTE.test(entry)) : []
  })
}

/** What is wrong in the text of a kustomization, whichever folder it is in. */
export const faultsOfKustomization = (file: string, text: string): Fault[] => [
  ...Object.entries(FIELDS)
    .filter(([field]) => new RegExp(`^${field}:`, 'm').test(text))
    .map(([field, instead]) => ({ object: file, rule: 'fields', what: `${field}: write ${instead}` })),
  ...fetchedBy(text).map(address => ({
    object: file,
    rule: 'local',
    what: `it fetches something from elsewhere: ${address}`
  }))
]

/** What is wrong in the kustomizations below a folder. */
export const faultsOfSources = (folder: string): Fault[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter(file => file.endsWith('kustomization.yaml'))
    .flatMap(file => faultsOfKustomization(file, readFileSync(join(folder, file), 'utf8')))
