import { join } from 'node:path'
import { loadCatalogue, readSite } from '../index.ts'
import type { SiteProblem } from './yaml-file.ts'

const catalogue = loadCatalogue()

/** What a test of tap makes folders with. */
export type Test = { testdir(files: Record<string, string>): string }

/** Reads `site.yaml` among these files. */
export const read = (t: Test, files: Record<string, string>) =>
  readSite(join(t.testdir(files), 'site.yaml'), catalogue)

/** A file that would be right, with more lines after its fourth. */
export const hill = (...lines: string[]): string =>
  ['name: hill', 'instances:', '  MTMount: [0]', '  MTM2: [0]', ...lines].join('\n')

/** The error that a file is refused with. */
export function refusal(
  t: Test,
  text: string,
  more: Record<string, string> = {}
): { code: string; message: string; problems: SiteProblem[] } {
  try {
    read(t, { 'site.yaml': text, ...more })
  } catch (error) {
    const { code, message, facts } = error as Error & { code: string; facts: { problems: SiteProblem[] } }
    return { code, message, problems: facts.problems }
  }
  throw new Error('was accepted')
}
