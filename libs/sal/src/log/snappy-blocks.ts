import { compressionsAlgorithms } from '@platformatic/kafka'

// Kafka's own clients, and a broker that compresses by itself, write Snappy as blocks behind a head. Kafka's client for
// Node reads a single bare block and ends at anything else, with all that comes in the same answer.

const MAGIC = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0])
/** The magic bytes and two version numbers. */
const HEAD_BYTES = 16
const SIZE_BYTES = 4

const { snappy } = compressionsAlgorithms
type Decompress = (typeof snappy)['decompressSync']

/** Reads Snappy in blocks too, by what reads one block. */
const inBlocks =
  (readBlock: Decompress): Decompress =>
  data => {
    if (!Buffer.isBuffer(data) || !MAGIC.equals(data.subarray(0, MAGIC.length))) return readBlock(data)
    const parts: Buffer[] = []
    let at = HEAD_BYTES
    while (at < data.length) {
      const from = at + SIZE_BYTES
      at = from + data.readUInt32BE(at)
      parts.push(readBlock(data.subarray(from, at)))
    }
    return Buffer.concat(parts)
  }

/** Has Kafka's client read Snappy in both forms. */
export function readSnappyInBlocks(): void {
  Object.assign(snappy, { decompressSync: inBlocks(snappy.decompressSync) })
}
