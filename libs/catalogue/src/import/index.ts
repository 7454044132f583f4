export { type CompactOptions, compactFacts } from './compact.ts'
export { type Imported, type ImportOptions, importFacts, importInterfaces } from './import-interfaces.ts'
export { describeProblem, type Problem } from './problems.ts'
export type { Progress } from './read-interfaces.ts'
