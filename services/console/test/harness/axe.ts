import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * A tile's name leaves out the age that stands on it, which changes each second and would be spoken each time;
 * its name and state are in both, the index 0 is spoken alone.
 */
const OPTIONS = {
  resultTypes: ['violations'],
  rules: { 'label-content-name-mismatch': { enabled: false } }
}

/** What axe finds against its rules on a page as it is: each with the elements concerned. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  // As a developer's tool would: the content policy of the page forbids it a script of its own.
  await page.evaluate(`if (globalThis.axe === undefined) { ${source} }`)
  const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify(OPTIONS)})`)) as AxeResults
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`))
}
