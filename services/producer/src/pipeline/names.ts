import { matches, type Pattern } from '@meridian/subjects'
import type { SourceTopic } from '../sources/source-topic.ts'
import type { SampleClass } from './counts.ts'

// A name (subject) is for ever in EVT and in every gateway, so that whoever makes up names fills both for all.
// Names are counted per component and class: a component that makes up indices, topics or keys runs into its
// own bound and takes nothing from the others. Components that neither catalogue nor site lists have a smaller
// bound each, and there is one on their number. What the site lists is let through in any case: the topics of
// the catalogue, where they have no keys, of the instances of the site. Names of Scripts are not counted: their
// stream forgets them.

/** How many names there may be. */
export interface NameBounds {
  /** Names of one class (telemetry, events, heartbeats) of a component that catalogue or site lists. */
  readonly perComponent: number
  /** Names of one class of a component that neither lists. */
  readonly perUnknown: number
  /** Components that neither lists. */
  readonly unknownComponents: number
}

/** New names that were refused, for log and event. */
export interface Refusal {
  readonly component: string
  readonly class: SampleClass
  /** The setting whose bound was reached. */
  readonly setting: 'NAMES_PER_COMPONENT' | 'NAMES_PER_UNKNOWN' | 'UNKNOWN_COMPONENTS'
  readonly bound: number
  /** Messages refused so far for this reason. */
  readonly refused: number
  /** The subject that was refused last. */
  readonly example: string
}

/** What the names of a process are counted by. */
export interface NamesOptions {
  readonly bounds: NameBounds
  /** Whether catalogue or site lists the component. */
  readonly isListed: (csc: string) => boolean
  /** Called with the first refusal for a reason and whenever their number has doubled. */
  readonly onRefused: (refusal: Refusal) => void
}

/** The names of one class of one component. */
export interface NameSet {
  /** Whether this name may be used; a new one is taken in where there is room. */
  admit(subject: string): boolean
}

/** Counts the names of a process, each once, by component and class. */
export interface Names {
  of(topic: Pick<SourceTopic, 'csc'>, sampleClass: SampleClass): NameSet
  /** Takes in a name that a stream holds from before, whatever the bound. */
  know(csc: string, sampleClass: SampleClass, subject: string): void
  /** Forgets the names of a component that fall under one of these patterns. */
  forget(csc: string, patterns: readonly Pattern[]): void
  /** All names of a class. */
  all(sampleClass: SampleClass): readonly string[]
  /** Forgets these names of a class. */
  release(sampleClass: SampleClass, subjects: ReadonlySet<string>): void
}

/** Lets every name through and counts none. */
export const everyName: NameSet = { admit: () => true }

/** Makes the count of a process that knows no name yet. */
export const createNames = (options: NamesOptions): Names => new BoundedNames(options)

interface CountedNames extends NameSet {
  readonly subjects: Set<string>
}

class BoundedNames implements Names {
  readonly #options: NamesOptions
  readonly #components = new Map<string, Map<SampleClass, CountedNames>>()
  readonly #unknown = new Set<string>()
  #refusedUnknown = 0

  constructor(options: NamesOptions) {
    this.#options = options
  }

  of({ csc }: Pick<SourceTopic, 'csc'>, sampleClass: SampleClass): NameSet {
    if (sampleClass === 'script') return everyName
    const { isListed, bounds } = this.#options
    if (isListed(csc) || this.#unknown.has(csc)) return this.#counted(csc, sampleClass)
    // Asked again with each message: a component may be forgotten, and make room.
    const admit = (subject: string): boolean =>
      this.#unknown.has(csc) || this.#unknown.size < bounds.unknownComponents
        ? this.#counted(csc, sampleClass).admit(subject)
        : this.#refuseComponent(csc, sampleClass, subject)
    return { admit }
  }

  know(csc: string, sampleClass: SampleClass, subject: string): void {
    if (sampleClass !== 'script') this.#counted(csc, sampleClass).subjects.add(subject)
  }

  forget(csc: string, patterns: readonly Pattern[]): void {
    const classes = this.#components.get(csc)
    if (classes === undefined) return
    for (const { subjects } of classes.values())
      for (const subject of subjects)
        if (patterns.some(pattern => matches(pattern, subject))) subjects.delete(subject)
    this.#dropEmpty(csc, classes)
  }

  all(sampleClass: SampleClass): readonly string[] {
    return [...this.#components.values()].flatMap(classes => [...(classes.get(sampleClass)?.subjects ?? [])])
  }

  release(sampleClass: SampleClass, gone: ReadonlySet<string>): void {
    for (const [csc, classes] of this.#components) {
      const { subjects } = classes.get(sampleClass) ?? {}
      for (const subject of subjects ?? []) if (gone.has(subject)) subjects?.delete(subject)
      this.#dropEmpty(csc, classes)
    }
  }

  #dropEmpty(csc: string, classes: ReadonlyMap<SampleClass, CountedNames>): void {
    if ([...classes.values()].some(({ subjects }) => subjects.size > 0)) return
    this.#components.delete(csc)
    this.#unknown.delete(csc)
  }

  #counted(csc: string, sampleClass: SampleClass): CountedNames {
    const { isListed, bounds, onRefused } = this.#options
    const classes = this.#components.get(csc) ?? new Map<SampleClass, CountedNames>()
    const known = classes.get(sampleClass)
    if (known !== undefined) return known
    const isUnknown = !isListed(csc)
    if (isUnknown) this.#unknown.add(csc)
    const bound = isUnknown ? bounds.perUnknown : bounds.perComponent
    const setting = isUnknown ? 'NAMES_PER_UNKNOWN' : 'NAMES_PER_COMPONENT'
    const made = countedNames(bound, (example, refused) =>
      onRefused({ component: csc, class: sampleClass, setting, bound, refused, example })
    )
    this.#components.set(csc, classes.set(sampleClass, made))
    return made
  }

  #refuseComponent(component: string, sampleClass: SampleClass, example: string): boolean {
    const { bounds, onRefused } = this.#options
    const refused = ++this.#refusedUnknown
    const setting = 'UNKNOWN_COMPONENTS'
    const bound = bounds.unknownComponents
    if (isPowerOfTwo(refused)) onRefused({ component, class: sampleClass, setting, bound, refused, example })
    return false
  }
}

function countedNames(bound: number, onRefused: (example: string, refused: number) => void): CountedNames {
  const subjects = new Set<string>()
  let refused = 0
  return {
    subjects,
    admit(subject) {
      if (subjects.has(subject)) return true
      if (subjects.size < bound) return subjects.add(subject) !== undefined
      if (isPowerOfTwo(++refused)) onRefused(subject, refused)
      return false
    }
  }
}

const isPowerOfTwo = (count: number): boolean => Number.isInteger(Math.log2(count))
