/**
 * One run at a time on a machine, or so many: a file in the folder for temporary files names the process whose
 * turn it is. The turn ends with its process, however that ends, and is over after twenty minutes whatever holds it.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const LOOK_AGAIN_MS = 250
const LONGEST_TURN_MS = 20 * 60_000
const LONGEST_END_MS = 10_000
const USER = userInfo().username

/**
 * Waits until fewer than `places` other processes of this user have the turn of this name here, and takes it until
 * this one ends; `onWait` is called once where it has to wait. Resolves to the number of its place, from 0.
 */
export async function takeTurn(name, { places = 1, onWait = () => {} } = {}) {
  const paths = Array.from({ length: places }, (_, i) => join(tmpdir(), `meridian-${USER}-${name}-${i}.turn`))
  let mine = paths.find(takeWhereFree)
  if (mine === undefined) onWait()
  while (mine === undefined) {
    await setTimeout(LOOK_AGAIN_MS)
    mine = paths.find(takeWhereFree)
  }
  process.once('exit', () => {
    if (holderOf(mine) === process.pid) rmSync(mine, { force: true })
  })
  return paths.indexOf(mine)
}

const takeWhereFree = path => take(path) || (isOver(path) && end(path) && take(path))

/** Whether it has ended it. Of two who see that a turn is over one alone does: the other would end the next one's. */
function end(path) {
  const ending = `${path}-ends`
  if (ageMs(ending) > LONGEST_END_MS) rmSync(ending, { force: true })
  if (!take(ending)) return false
  if (isOver(path)) rmSync(path, { force: true })
  rmSync(ending, { force: true })
  return true
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function isOver(path) {
  const pid = holderOf(path)
  return pid !== undefined && (ageMs(path) > LONGEST_TURN_MS || !isAlive(pid))
}

/** Undefined where nobody has the turn. */
const holderOf = path => ifThere(() => Number(readFileSync(path, 'utf8')))
const ageMs = path => ifThere(() => Date.now() - statSync(path).mtimeMs) ?? 0

function ifThere(read) {
  try {
    return read()
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A number of 0 is that of a file whose writer has not yet written: it would signal this process's own group. */
function isAlive(pid) {
  if (pid === 0) return true
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}
