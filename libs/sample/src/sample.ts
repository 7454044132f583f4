import { AppError } from '@meridian/errors'

/** One value of one topic: `meridian.v1.Sample` of proto/meridian/v1/sample.proto. Site, component, index and topic stand in the subject. */
export interface Sample {
  /** When the component published it, TAI seconds. */
  readonly sndStamp: number
  /** When the producer read it, TAI seconds. */
  readonly rcvStamp: number
  /** The writer's counter. */
  readonly seqNum: number
  /** The writer's process number. */
  readonly origin: number
  /** `CSC` or `CSC:index`. */
  readonly identity: string
  /** The writer's schema, '' when it gave none. */
  readonly revCode: string
  /** The public fields: one MessagePack map. */
  readonly fields: Uint8Array
  /** The catalogue knows neither the component nor the topic. */
  readonly uncatalogued: boolean
}

/** The few facts of a sample that the gateway's hot path needs: `fields` stand at `bytes[fieldsStart .. fieldsEnd)`. */
export interface Envelope {
  sndStamp: number
  fieldsStart: number
  fieldsEnd: number
  uncatalogued: boolean
}

// Tags of the proto file: field number << 3 | wire type.
const SND_STAMP = 0x09
const RCV_STAMP = 0x11
const SEQ_NUM = 0x18
const ORIGIN = 0x20
const IDENTITY = 0x2a
const REV_CODE = 0x32
const FIELDS = 0x3a
const UNCATALOGUED = 0x40
const NO_BYTES = new Uint8Array(0)

// Doubles pass through this pair; protobuf is little-endian, and so is every machine that runs Node.
const double = new Float64Array(1)
const doubleBytes = new Uint8Array(double.buffer)

/**
 * Encodes a sample; the bytes belong to the caller. The same bytes as protobufjs makes of the proto file, with default values left out as
 * proto3 has it; a test compares. Written by hand because it runs for every message of the observatory.
 */
export function encodeSample(s: Sample): Uint8Array {
  const identity = utf8Of(s.identity)
  const revCode = utf8Of(s.revCode)
  const out = Buffer.allocUnsafe(sizeOf(s, identity.length, revCode.length))
  let at = putDouble(out, 0, SND_STAMP, s.sndStamp)
  at = putDouble(out, at, RCV_STAMP, s.rcvStamp)
  at = putInt(out, at, SEQ_NUM, s.seqNum)
  at = putInt(out, at, ORIGIN, s.origin)
  at = putBytes(out, at, IDENTITY, identity)
  at = putBytes(out, at, REV_CODE, revCode)
  at = putBytes(out, at, FIELDS, s.fields)
  if (s.uncatalogued) {
    out[at] = UNCATALOGUED
    out[at + 1] = 1
  }
  return out
}

function sizeOf(s: Sample, identityBytes: number, revCodeBytes: number): number {
  return (
    (s.sndStamp === 0 ? 0 : 9) +
    (s.rcvStamp === 0 ? 0 : 9) +
    sizeOfInt(s.seqNum) +
    sizeOfInt(s.origin) +
    sizeOfBytes(identityBytes) +
    sizeOfBytes(revCodeBytes) +
    sizeOfBytes(s.fields.length) +
    (s.uncatalogued ? 2 : 0)
  )
}

function sizeOfInt(value: number): number {
  const whole = value | 0
  if (whole < 0) return 11
  return whole === 0 ? 0 : 1 + sizeOfVarint(whole)
}

const sizeOfBytes = (length: number): number => (length === 0 ? 0 : 1 + sizeOfVarint(length) + length)

function sizeOfVarint(value: number): number {
  let size = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++
  return size
}

function putDouble(out: Uint8Array, at: number, tag: number, value: number): number {
  if (value === 0) return at
  double[0] = value
  out[at] = tag
  for (let i = 0; i < 8; i++) out[at + 1 + i] = doubleBytes[i] as number
  return at + 9
}

function putInt(out: Uint8Array, at: number, tag: number, value: number): number {
  const whole = value | 0
  if (whole === 0) return at
  out[at] = tag
  if (whole > 0) return putVarint(out, at + 1, whole)
  // A negative int32 is sign-extended to 64 bits: five bytes of the low word and its sign, then ones.
  let rest = whole
  for (let i = 1; i <= 4; i++, rest >>= 7) out[at + i] = (rest & 0x7f) | 0x80
  out[at + 5] = (rest & 0x0f) | 0xf0
  out.fill(0xff, at + 6, at + 10)
  out[at + 10] = 1
  return at + 11
}

function putVarint(out: Uint8Array, start: number, value: number): number {
  let at = start
  let rest = value
  while (rest > 0x7f) {
    out[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  out[at++] = rest
  return at
}

function putBytes(out: Uint8Array, at: number, tag: number, bytes: Uint8Array): number {
  if (bytes.length === 0) return at
  out[at] = tag
  const from = putVarint(out, at + 1, bytes.length)
  out.set(bytes, from)
  return from + bytes.length
}

// Identities and revision codes are few and come again with every message.
const utf8Cache = new Map<string, Uint8Array>()
const UTF8_CACHE_ENTRIES = 4096

function utf8Of(text: string): Uint8Array {
  if (text === '') return NO_BYTES
  const known = utf8Cache.get(text)
  if (known !== undefined) return known
  const bytes = Buffer.from(text, 'utf8')
  if (utf8Cache.size >= UTF8_CACHE_ENTRIES) utf8Cache.clear()
  utf8Cache.set(text, bytes)
  return bytes
}

const bad = (detail: string): AppError => new AppError('WIR_BAD_SAMPLE', { detail })

/** Where the reader stands; one object for all reads, since reading never waits. */
const cursor = { at: 0 }

/** Decodes a sample. `fields` is a view of `bytes`. Unknown protobuf fields are skipped. Throws WIR_BAD_SAMPLE. */
export function decodeSample(bytes: Uint8Array): Sample {
  const s = {
    sndStamp: 0,
    rcvStamp: 0,
    seqNum: 0,
    origin: 0,
    identity: '',
    revCode: '',
    fields: NO_BYTES,
    uncatalogued: false
  }
  cursor.at = 0
  while (cursor.at < bytes.length) readField(bytes, s)
  return s
}

type Draft = { -readonly [K in keyof Sample]: Sample[K] }

function readField(bytes: Uint8Array, s: Draft): void {
  const tag = readVarint(bytes)
  if (tag === SND_STAMP) s.sndStamp = readDouble(bytes)
  else if (tag === RCV_STAMP) s.rcvStamp = readDouble(bytes)
  else if (tag === SEQ_NUM) s.seqNum = readVarint(bytes)
  else if (tag === ORIGIN) s.origin = readVarint(bytes)
  else if (tag === IDENTITY) s.identity = readText(bytes)
  else if (tag === REV_CODE) s.revCode = readText(bytes)
  else if (tag === FIELDS) s.fields = readBytes(bytes)
  else if (tag === UNCATALOGUED) s.uncatalogued = readVarint(bytes) !== 0
  else skip(bytes, tag)
}

/**
 * Reads what the gateway needs of a sample, without making strings or views. Pass `into` to reuse one object. Throws WIR_BAD_SAMPLE on a
 * broken envelope; whether the fields are sound is checkFields's business.
 */
export function readEnvelope(bytes: Uint8Array, into: Envelope = emptyEnvelope()): Envelope {
  into.sndStamp = 0
  into.fieldsStart = 0
  into.fieldsEnd = 0
  into.uncatalogued = false
  cursor.at = 0
  while (cursor.at < bytes.length) readEnvelopeField(bytes, into)
  return into
}

/** An envelope to read into. */
export const emptyEnvelope = (): Envelope => ({
  sndStamp: 0,
  fieldsStart: 0,
  fieldsEnd: 0,
  uncatalogued: false
})

function readEnvelopeField(bytes: Uint8Array, into: Envelope): void {
  const tag = readVarint(bytes)
  if (tag === SND_STAMP) into.sndStamp = readDouble(bytes)
  else if (tag === FIELDS) {
    const length = readLength(bytes)
    into.fieldsStart = cursor.at
    cursor.at += length
    into.fieldsEnd = cursor.at
  } else if (tag === UNCATALOGUED) into.uncatalogued = readVarint(bytes) !== 0
  else skip(bytes, tag)
}

/** The low 32 bits of a varint, as protobuf's int32 reads it. */
function readVarint(bytes: Uint8Array): number {
  let result = 0
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = bytes[cursor.at++]
    if (byte === undefined) throw bad('ends inside a number')
    if (shift < 32) result |= (byte & 0x7f) << shift
    if (byte < 0x80) return result
  }
  throw bad('a number of more than ten bytes')
}

function readLength(bytes: Uint8Array): number {
  const length = readVarint(bytes) >>> 0
  if (length > bytes.length - cursor.at) throw bad('ends inside a field')
  return length
}

function readDouble(bytes: Uint8Array): number {
  if (cursor.at + 8 > bytes.length) throw bad('ends inside a stamp')
  for (let i = 0; i < 8; i++) doubleBytes[i] = bytes[cursor.at + i] as number
  cursor.at += 8
  return double[0] as number
}

function readBytes(bytes: Uint8Array): Uint8Array {
  const length = readLength(bytes)
  cursor.at += length
  return bytes.subarray(cursor.at - length, cursor.at)
}

function readText(bytes: Uint8Array): string {
  const text = readBytes(bytes)
  return Buffer.from(text.buffer, text.byteOffset, text.length).toString('utf8')
}

function skip(bytes: Uint8Array, tag: number): void {
  const wireType = tag & 7
  if (tag >>> 3 === 0) throw bad('field number 0')
  if (wireType === 0) readVarint(bytes)
  else if (wireType === 1) advance(bytes, 8)
  else if (wireType === 2) advance(bytes, readLength(bytes))
  else if (wireType === 5) advance(bytes, 4)
  else throw bad(`wire type ${wireType}`)
}

function advance(bytes: Uint8Array, count: number): void {
  if (cursor.at + count > bytes.length) throw bad('ends inside a field')
  cursor.at += count
}

/** What makes one sample different from every other [adr/0004]. */
export interface SampleIdentity {
  readonly csc: string
  readonly index: number
  readonly topic: string
  readonly origin: number
  readonly seqNum: number
  readonly sndStamp: number
}

/**
 * The `Nats-Msg-Id` of a sample. It comes from the source alone, so that two producers that overlap agree on it, and holds the stamp, so
 * that a component that starts again with the same process number and its counter at 1 loses nothing.
 */
export const sampleId = (s: SampleIdentity): string =>
  `${s.csc}:${s.index}:${s.topic}:${s.origin}:${s.seqNum}:${s.sndStamp}`
