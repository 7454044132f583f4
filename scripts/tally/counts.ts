/** How many assertions passed, failed and were skipped. */
export interface Counts {
  readonly pass: number
  readonly fail: number
  readonly skip: number
}

/** The counts of a run in which there was nothing to test. */
export const NOTHING: Counts = { pass: 0, fail: 0, skip: 0 }

/** The counts of a run that did not come to its end. */
export const UNFINISHED: Counts = { pass: 0, fail: 1, skip: 0 }

/** Reads tap's closing line; undefined where there is none, because tap did not come to its end. */
export function countsOfTap(output: string): Counts | undefined {
  const line = output.split('\n').findLast(text => /^# \{ total: .*\}$/.test(text))
  if (line === undefined) return undefined
  const number = (name: string): number => Number(new RegExp(`${name}: (\\d+)`).exec(line)?.[1] ?? 0)
  return { pass: number('pass'), fail: number('fail'), skip: number('skip') + number('todo') }
}

/** Reads the last line that `tallyLine` has written; undefined where there is none. */
export function countsOfTally(output: string): Counts | undefined {
  const found = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1)
  if (found === undefined) return undefined
  const [, pass, fail, skip = '0'] = found
  return { pass: Number(pass), fail: Number(fail), skip: Number(skip) }
}

/** The counts of two runs together. */
export const sum = (a: Counts, b: Counts): Counts => ({
  pass: a.pass + b.pass,
  fail: a.fail + b.fail,
  skip: a.skip + b.skip
})

/** With one failure more where only the exit code of the run tells of one: a task without tests failed. */
export const orFailed = (counts: Counts, exitCode: string | undefined): Counts =>
  exitCode === '0' || counts.fail > 0 ? counts : { ...counts, fail: 1 }

/** `N passed, N failed`, and `, N skipped` where any were: the last line of a run of tests. */
export const tallyLine = ({ pass, fail, skip }: Counts): string =>
  `${pass} passed, ${fail} failed${skip === 0 ? '' : `, ${skip} skipped`}`

/** Whether a run with these counts is good: nothing failed, and something was tested. */
export const isGood = ({ pass, fail }: Counts): boolean => fail === 0 && pass > 0
