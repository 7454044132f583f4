import type { Code } from '@meridian/errors'

/** What is wrong in an interface directory or in the rules of the import, and where. */
export interface Problem {
  readonly code: Code
  /** Path inside the interface directory, or the name of a rules file. */
  readonly file: string
  /** The faulty element, such as `MTMount_azimuth.actualPosition`; '' for the whole file. */
  readonly element: string
  readonly line?: number
  readonly message: string
}

/** Collects problems, so that one run shows all of them. */
export interface Problems {
  add(problem: Problem): void
  list(): readonly Problem[]
}

/** Creates a collector; an import goes on after each problem and tells all of them at its end. */
export function createProblems(): Problems {
  const found: Problem[] = []
  return { add: problem => void found.push(problem), list: () => found }
}

/**
 * Formats a problem on one line: `CAT_BAD_COUNT MTMount/MTMount_Telemetry.xml:31
 * MTMount_azimuth.actualPosition: Count is 'x'`.
 */
export function describeProblem({ code, file, element, line, message }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}`
  return [code, place, element === '' ? message : `${element}: ${message}`].join(' ')
}
