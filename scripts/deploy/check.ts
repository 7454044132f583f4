/**
 * The steps of `pnpm deploy:check`. Each takes what those before it have made, tells one line, and returns its
 * faults; a later one goes on with whatever could be rendered.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { askedRules } from './policy/broker.ts'
import { type Fault, faultsOf } from './policy/rule.ts'
import { rules } from './policy/rules.ts'
import { releaseRules } from './policy/whole.ts'
import {
  components,
  deployFolder,
  overlays,
  type Rendering,
  renderOverlay,
  withComponentSets
} from './render.ts'
import { faultsAgainstSchemas } from './schemas/check.ts'
import { faultsOfServer } from './server/check.ts'
import { faultsOfSources } from './sources.ts'
import { replaceTable, tableIn } from './table-in-page.ts'
import { requestsTable, sumRequests } from './totals.ts'

/** Which places `pnpm deploy:check` looks at, and how strictly. */
export interface CheckOptions {
  /** Places that are looked at; default: all of them, and the components together and each by itself. */
  readonly places?: readonly string[]
  /** Whether images must have digests. */
  readonly release?: boolean
  /** Whether the table of deploy/README.md is written anew. */
  readonly write?: boolean
  /** Whether a kube-apiserver is asked, which is built for it once; default: no. */
  readonly server?: boolean
}

/** What the steps have made so far. */
interface Progress extends CheckOptions {
  /** Overlays, and all components together where no place was named, in this order. */
  readonly wholes: Rendering[]
  /** Each component by itself, and all in reverse; not held against the rules, since some need another one, or go after it. */
  readonly parts: Rendering[]
}

/** What a step tells, and the faults that it found, as `overlay: kind/name: rule: what`. */
interface Outcome {
  readonly told: string
  readonly faults: readonly string[]
}

type Step = (progress: Progress) => Promise<Outcome>

const steps: readonly Step[] = [
  checkSources,
  renderAll,
  renderParts,
  checkSchemas,
  checkRules,
  checkTable,
  checkServer
]

/** Name of the rendering of all components together. */
const ALL = 'all components'
/** The place whose producers go with the components. */
const LARGEST = 'summit'
const SMALLEST = 'local'

/** Takes all steps and tells each; returns whether nothing is wrong. Throws where a tool is not to be had. */
export async function checkDeploy(options: CheckOptions, tell: (line: string) => void): Promise<boolean> {
  const progress: Progress = { ...options, wholes: [], parts: [] }
  let count = 0
  for (const step of steps) {
    const { told, faults } = await step(progress)
    tell(`${faults.length === 0 ? 'ok' : 'FAULTY'}  ${told}`)
    for (const fault of faults) tell(`  ${fault}`)
    count += faults.length
  }
  tell(count === 0 ? 'nothing is wrong' : `${count} faults`)
  return count === 0
}

const lineOf = (of: string, { object, rule, what }: Fault): string => `${of}: ${object}: ${rule}: ${what}`

async function checkSources(): Promise<Outcome> {
  const faults = faultsOfSources(deployFolder).map(fault => lineOf('deploy', fault))
  return { told: 'the kustomizations use nothing that is going, and nothing from elsewhere', faults }
}

/** Renders one thing into a list; a fault where that fails. */
async function renderInto(
  list: Rendering[],
  name: string,
  render: () => Promise<Rendering>
): Promise<string[]> {
  try {
    list.push(await render())
    return []
  } catch (error) {
    return [`${name}: kustomize: render: ${(error as Error).message}`]
  }
}

async function renderAll({ places, wholes }: Progress): Promise<Outcome> {
  const faults: string[] = []
  for (const place of places ?? overlays())
    faults.push(...(await renderInto(wholes, place, () => renderOverlay(place))))
  const all = { name: ALL, place: LARGEST, options: components() }
  const ofAll = () => withComponentSets(render => render(all))
  if (places === undefined) faults.push(...(await renderInto(wholes, ALL, ofAll)))
  const told = wholes.map(
    ({ name, resources, seconds }) => `${name} ${resources.length} objects in ${seconds.toFixed(1)} s`
  )
  return { told: `rendered: ${told.join(', ')}`, faults }
}

async function renderParts({ parts, places }: Progress): Promise<Outcome> {
  if (places !== undefined)
    return { told: 'components that none of these places has: not looked at', faults: [] }
  const faults: string[] = []
  const sets = components().map(option => ({ name: `component ${option}`, options: [option] }))
  const reversed = { name: 'all components in reverse', options: components().reverse() }
  await withComponentSets(async render => {
    for (const { name, options } of [...sets, reversed]) {
      const set = { name, place: SMALLEST, options }
      faults.push(...(await renderInto(parts, set.name, () => render(set))))
    }
  })
  return { told: `rendered: ${sets.length} components, each by itself, and all in reverse`, faults }
}

async function checkSchemas({ wholes, parts }: Progress): Promise<Outcome> {
  const name = 'applicationset.yaml'
  const applicationSet = { name, text: readFileSync(join(deployFolder, name), 'utf8') }
  const found = await faultsAgainstSchemas([...wholes, ...parts, applicationSet])
  const faults = found.map(fault => lineOf(fault.of, fault))
  return { told: 'every field of every object is one that its kind has', faults }
}

async function checkServer({ wholes, server = false }: Progress): Promise<Outcome> {
  if (!server) return { told: 'no kube-apiserver was asked', faults: [] }
  const faults = await faultsOfServer(wholes)
  return {
    told: `kube-apiserver would take all of it: ${wholes.map(({ name }) => name).join(', ')}`,
    faults: faults.map(({ name, ...fault }) => lineOf(name, fault))
  }
}

async function checkRules({ wholes, release }: Progress): Promise<Outcome> {
  const all = [...rules, ...askedRules, ...(release ? releaseRules : [])]
  const faults = wholes.flatMap(({ name, resources }) =>
    faultsOf(resources, name === ALL ? all.filter(rule => !askedRules.includes(rule)) : all).map(fault =>
      lineOf(name, fault)
    )
  )
  return { told: `${all.length} rules hold`, faults }
}

async function checkTable({ wholes, write, places }: Progress): Promise<Outcome> {
  const told = 'the table of deploy/README.md is true'
  const rendered = wholes.filter(({ name }) => name !== ALL)
  if (places !== undefined || rendered.length < overlays().length)
    return { told: `${told}: not looked at, not all places were rendered`, faults: [] }
  const table = requestsTable(new Map(rendered.map(({ name, resources }) => [name, sumRequests(resources)])))
  const file = join(deployFolder, 'README.md')
  const page = readFileSync(file, 'utf8')
  if (tableIn(page) === table) return { told, faults: [] }
  if (!write) return { told, faults: ['deploy: README.md: table: it differs; --write writes it anew'] }
  writeFileSync(file, replaceTable(page, table))
  return { told: `${told}: written anew`, faults: [] }
}
