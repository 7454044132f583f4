import { type Catalogue, loadCatalogue, type SiteProblem } from '@meridian/catalogue'
import { AppError, didYouMean } from '@meridian/errors'
import { draftProblems, type NewSite } from './new-site.ts'

/**
 * What is wrong with single answers about a new site, as long as the others are not known. Each throws
 * RUN_BAD_OPTION.
 */
export interface AnswerChecks {
  host(host: string): void
  /** Names that are like none of the catalogue's may be home-made components. */
  instances(instances: readonly string[]): void
  homeMade(homeMade: readonly string[], instances: readonly string[]): void
  /** Those components that are like none of the catalogue's. */
  likelyHomeMade(instances: readonly string[]): readonly string[]
}

/** What is sound of the answers that are not there yet. */
const SOUND = { host: 'site.example.org', instances: ['MTMount'], homeMade: [] }

/** Makes the checks of answers about a site of which the rest is known, or as sound as can be. */
export function createAnswerChecks(
  overlays: string,
  known: Pick<NewSite, 'name' | 'like'> & Partial<NewSite>
): AnswerChecks {
  const catalogue = loadCatalogue()
  const assertSound = (sections: RegExp, answers: Partial<NewSite>): void => {
    const problems = draftProblems(overlays, { ...SOUND, ...known, ...answers }, catalogue)
    const found = problems.filter(({ where }) => sections.test(where))
    if (found.length > 0) throw new AppError('RUN_BAD_OPTION', { detail: found.map(textOf).join('; ') })
  }
  const likelyHomeMade = (instances: readonly string[]): readonly string[] => [
    ...new Set(instances.map(nameOf).filter(name => isLikeNone(name, catalogue)))
  ]
  return {
    likelyHomeMade,
    host: host => assertSound(/^deploy\.host$/, { ...SOUND, host }),
    instances: instances =>
      assertSound(COMPONENTS, {
        instances,
        homeMade: [...(known.homeMade ?? []), ...likelyHomeMade(instances)]
      }),
    homeMade: (homeMade, instances) => assertSound(COMPONENTS, { instances, homeMade })
  }
}

const COMPONENTS = /^(?:instances|components)\b/
const textOf = ({ where, message }: SiteProblem): string => `${where}: ${message}`
const nameOf = (instance: string): string => instance.split(':')[0] ?? ''
const isLikeNone = (name: string, { component, components }: Catalogue): boolean =>
  component(name) === undefined && didYouMean(name, components) === ''
