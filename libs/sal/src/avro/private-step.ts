import { AppError } from '@meridian/errors'
import type { privateFields } from '../private-fields.ts'
import type { AvroBytes } from './avro-bytes.ts'
import type { AvroField } from './schema.ts'
import { reads, skip } from './values.ts'

/** What a message says beside its public fields [docs/sal.md#private-fields]. What it does not say is 0 or ''. */
export interface Stamps {
  /** 0 where the component is not indexed. */
  salIndex: number
  /** TAI seconds. */
  sndStamp: number
  seqNum: number
  origin: number
  identity: string
  revCode: string
}

/** Takes a private field off a message. */
type PrivateStep = (from: AvroBytes, into: Stamps) => void

/** What a private field is kept as; the others say nothing that a reader needs. */
const kept: Readonly<Partial<Record<keyof typeof privateFields, keyof Stamps>>> = {
  salIndex: 'salIndex',
  private_sndStamp: 'sndStamp',
  private_seqNum: 'seqNum',
  private_origin: 'origin',
  private_identity: 'identity',
  private_revCode: 'revCode'
}

/** The step of a private field. Throws SAL_BAD_SCHEMA where it is not of the kind that SAL gives it. */
export function privateStepOf(field: AvroField): PrivateStep {
  const { name, type, isArray, nullAt } = field
  if (isArray || nullAt !== undefined)
    throw new AppError('SAL_BAD_SCHEMA', { detail: `${name} is no single value` })
  switch (kept[name as keyof typeof kept]) {
    case 'identity':
      return textStep(field, (into, text) => {
        into.identity = text
      })
    case 'revCode':
      return textStep(field, (into, text) => {
        into.revCode = text
      })
    case 'salIndex':
      return numberStep(field, (into, number) => {
        into.salIndex = number
      })
    case 'sndStamp':
      return numberStep(field, (into, number) => {
        into.sndStamp = number
      })
    case 'seqNum':
      return numberStep(field, (into, number) => {
        into.seqNum = number
      })
    case 'origin':
      return numberStep(field, (into, number) => {
        into.origin = number
      })
    default:
      return from => skip(from, type, 1)
  }
}

function numberStep({ name, type }: AvroField, set: (into: Stamps, number: number) => void): PrivateStep {
  if (type === 'string' || type === 'boolean')
    throw new AppError('SAL_BAD_SCHEMA', { detail: `${name} is no number` })
  const read = reads[type]
  return (from, into) => set(into, Number(read(from)))
}

/** Writers say the same again and again: a text is read anew only where its bytes differ. */
function textStep({ name, type }: AvroField, set: (into: Stamps, text: string) => void): PrivateStep {
  if (type !== 'string') throw new AppError('SAL_BAD_SCHEMA', { detail: `${name} is no text` })
  let bytes = new Uint8Array(0)
  let text = ''
  return (from, into) => {
    const { at } = from
    if (!from.skipSame(bytes)) {
      text = from.string()
      bytes = from.bytes.slice(at, from.at)
    }
    set(into, text)
  }
}
