/**
 * `tsx scripts/subjects-page.ts`: writes the table of subjects into
 * docs/subjects.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { describeSubjects } from '@meridian/subjects'

const page = new URL('../docs/subjects.md', import.meta.url)
const isRow = (line: string): boolean => line.startsWith('| subject |') || line.startsWith('| `')

const lines = readFileSync(page, 'utf8').split('\n')
const first = lines.findIndex(isRow)
const last = lines.findLastIndex(isRow)
writeFileSync(page, [...lines.slice(0, first), ...describeSubjects(), ...lines.slice(last + 1)].join('\n'))
