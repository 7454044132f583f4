import { AppError } from '@meridian/errors'
import type { PrivateField } from '../private-fields.ts'
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

/** Private fields that are kept, and as what; the others say nothing that a reader needs. */
const numbers = {
  salIndex: 'salIndex',
  private_sndStamp: 'sndStamp',
  private_seqNum: 'seqNum',
  private_origin: 'origin'
} as const satisfies Partial<Record<PrivateField, keyof Stamps>>
const texts = {
  private_identity: 'identity',
  private_revCode: 'revCode'
} as const satisfies Partial<Record<PrivateField, keyof Stamps>>

type NumberStamp = (typeof numbers)[keyof typeof numbers]
type TextStamp = (typeof texts)[keyof typeof texts]
const numberOf: Readonly<Partial<Record<string, NumberStamp>>> = numbers
const textOf: Readonly<Partial<Record<string, TextStamp>>> = texts

/** The step of a private field. Throws SAL_BAD_SCHEMA where it is not of the kind that SAL gives it. */
export function privateStepOf(field: AvroField): PrivateStep {
  const { name, type, isArray, nullAt } = field
  if (isArray || nullAt !== undefined) refuseSchema(`${name} is no single value`)
  const [number, text] = [numberOf[name], textOf[name]]
  if (number !== undefined) return numberStep(field, number)
  return text === undefined ? from => skip(from, type, 1) : textStep(field, text)
}

function refuseSchema(detail: string): never {
  throw new AppError('SAL_BAD_SCHEMA', { detail })
}

function numberStep({ name, type }: AvroField, stamp: NumberStamp): PrivateStep {
  if (type === 'string' || type === 'boolean') refuseSchema(`${name} is no number`)
  const read = reads[type]
  return (from, into) => {
    into[stamp] = Number(read(from))
  }
}

/** Writers say the same again and again: a text is read anew only where its bytes differ. */
function textStep({ name, type }: AvroField, stamp: TextStamp): PrivateStep {
  if (type !== 'string') refuseSchema(`${name} is no text`)
  let bytes = new Uint8Array(0)
  let text = ''
  return (from, into) => {
    const { at } = from
    if (!from.skipSame(bytes)) {
      text = from.string()
      bytes = from.bytes.slice(at, from.at)
    }
    into[stamp] = text
  }
}
