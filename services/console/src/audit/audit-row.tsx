import { codes } from '@meridian/errors'
import type { AuditRecord } from '@meridian/protocol/http'
import { useId, useState } from 'preact/hooks'
import { momentText } from '../accounts/moment-text.ts'
import { sentenceOf } from './audit-sentence.ts'

/** One record: when, what as a sentence, why with the meaning of its code, from where, and who tells it. */
export function AuditRow({ record }: { readonly record: AuditRecord }) {
  const { time, code, address, door, process } = record
  return (
    <tr class={code === undefined ? undefined : 'audit-refused'}>
      <td class="audit-time">{momentText(time)}</td>
      <td>
        {code !== undefined && <strong class="audit-mark">REFUSED</strong>} <Sentence record={record} />
        {code !== undefined && <Why code={code} />}
      </td>
      <td>
        {address ?? <span class="quiet-text">not told</span>}
        {door !== undefined && <span class="quiet-text"> by {door}</span>}
      </td>
      <td class="quiet-text">{process}</td>
    </tr>
  )
}

const Sentence = ({ record }: { readonly record: AuditRecord }) =>
  sentenceOf(record).map(part => (typeof part === 'string' ? part : <strong>{part.name}</strong>))

/** The code of a refusal; it opens what it means. */
function Why({ code }: { readonly code: string }) {
  const [isOpen, setOpen] = useState(false)
  const id = useId()
  return (
    <>
      {' '}
      <button
        type="button"
        class="audit-code"
        aria-expanded={isOpen}
        aria-controls={id}
        title="What this code means"
        onClick={() => setOpen(!isOpen)}
      >
        {code}
      </button>
      <span id={id} class="audit-meaning" hidden={!isOpen}>
        {meaningOf(code)}
      </span>
    </>
  )
}

/** What a code means, in the words of the one table; one that this page does not know is of a newer version. */
function meaningOf(code: string): string {
  if (!Object.hasOwn(codes, code)) return 'This page does not know the code: docs/errors.md of the api may.'
  const { message, canRetry } = codes[code as keyof typeof codes]
  return `${message}; ${canRetry ? 'trying again may help' : 'trying again changes nothing'}.`
}
