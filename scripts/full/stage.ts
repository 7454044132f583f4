/**
 * The second stage of the tests: files that take long or need servers, one after the other, and beside them those that
 * only wait. A file is good
 * when nothing in it failed and nothing was skipped; one that is not is run once more, and counts as failed
 * when it is not good twice. What the time of the stage does not reach counts as failed too.
 */
import { type Counts, NOTHING, sum, tallyLine, UNFINISHED } from '../tally/counts.ts'

/** How a file ended; `counts` is missing when it did not come to its end. */
export interface FileOutcome {
  readonly counts: Counts | undefined
  readonly seconds: number
  /** Its failures, as lines to print. */
  readonly failures: readonly string[]
}

/** How a stage runs its files, and its bounds in time. */
export interface StageOptions {
  /** Runs one file, for at most so long. */
  run(file: string, limitMs: number): Promise<FileOutcome>
  say(line: string): void
  /** Why a file cannot run on this machine, which counts as one skipped test; default: each can. */
  leftOut?(file: string): string | undefined
  /** Whether a file waits for most of its time: it runs beside the others; default: none does. */
  waits?(file: string): boolean
  /** Prints a line of a failure as it is. */
  tell(line: string): void
  /** Bound of the time of all files together; what is not begun by then has failed. */
  readonly budgetMs: number
  /** Bound of the time of one run of one file. */
  readonly fileMs: number
  nowMs?(): number
}

/** Runs the files; returns the sum of what counts: of a file that ran twice, its second run. */
export async function runStage(files: readonly string[], options: StageOptions): Promise<Counts> {
  const { nowMs = Date.now, waits = () => false, leftOut = () => undefined } = options
  const { budgetMs, fileMs, say } = options
  const endMs = nowMs() + budgetMs
  const runOnce = async (file: string): Promise<Counts> => {
    const why = leftOut(file)
    if (why !== undefined) {
      say(`${file}: left out: ${why}`)
      return { ...NOTHING, skip: 1 }
    }
    const leftMs = endMs - nowMs()
    if (leftMs <= 0) {
      say(`${file}: not run, the ${budgetMs / 60_000} minutes of this stage are over`)
      return UNFINISHED
    }
    const { counts, seconds, failures } = await options.run(file, Math.min(fileMs, leftMs))
    for (const line of failures) options.tell(line)
    say(`${file}: ${counts === undefined ? 'did not finish' : tallyLine(counts)} (${seconds.toFixed(0)} s)`)
    return verdictOf(counts)
  }
  const runAll = async (files: readonly string[]): Promise<Counts> => {
    let total = NOTHING
    for (const file of files) {
      const first = await runOnce(file)
      if (first.fail > 0) say(`${file}: once more, by itself`)
      total = sum(total, first.fail > 0 ? await runOnce(file) : first)
    }
    return total
  }
  const [busy, waiting] = await Promise.all([
    runAll(files.filter(file => !waits(file))),
    runAll(files.filter(waits))
  ])
  return sum(busy, waiting)
}

/** A skipped test fails here, and so does a file without any. */
function verdictOf(counts: Counts | undefined): Counts {
  if (counts === undefined || counts.pass + counts.fail + counts.skip === 0) return UNFINISHED
  return { pass: counts.pass, fail: counts.fail + counts.skip, skip: 0 }
}
