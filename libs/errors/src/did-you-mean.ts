/** How much a name may differ from one that exists: letters added, left out, replaced or swapped. */
const MOST_EDITS = 2

/**
 * A name of `names` that was probably meant by `name`: the same but for upper and lower case, or the nearest
 * with at most two wrong letters, one in short names. Undefined where there is none.
 */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase()
  let nearest: string | undefined
  let least = Math.min(MOST_EDITS, Math.floor(name.length / 4)) + 1
  for (const other of names) {
    if (Math.abs(other.length - name.length) >= least) continue
    const edits = editsBetween(wanted, other.toLowerCase())
    if (edits < least) {
      least = edits
      nearest = other
    }
  }
  return nearest
}

/** `; did you mean 'azimuth'?`, to end a sentence about a name that does not exist, or '' without a guess. */
export function didYouMean(name: string, names: Iterable<string>): string {
  const nearest = nearestName(name, names)
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`
}

/** Letters to add, leave out, replace, or swap with their neighbour, to make one text of the other. */
function editsBetween(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min(
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
        (row[j - 1] as number) + (same ? 0 : 1)
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] as number) + 1)
      next.push(least)
    }
    before = row
    row = next
  }
  return row[b.length] as number
}
