import type { MeAnswer } from '@meridian/protocol/http'
import { useState } from 'preact/hooks'
import { useAnswer } from '../accounts/use-answer.ts'
import { mayManageUsers } from '../may-manage-users.ts'
import { PanelFrame } from '../panel.tsx'
import { RefusalText } from '../session/refusal-text.tsx'
import { readAudit } from '../session/session-routes.ts'
import { AuditFilters } from './audit-filters.tsx'
import { type AuditFilter, auditQueryOf, NO_FILTER } from './audit-query.ts'
import { AuditRow } from './audit-row.tsx'

/** What was done and refused, newest first, for whoever may manage users; others are told why not. */
export function AuditPage({ me }: { readonly me: MeAnswer }) {
  const [filter, setFilter] = useState(NO_FILTER)
  /** What leads to each page behind the newest one; the last is shown. */
  const [pages, setPages] = useState<readonly string[]>([])
  if (!mayManageUsers(me)) return <NotAllowed me={me} />
  const before = pages.at(-1)
  return (
    <div class="accounts">
      <h1>Audit</h1>
      <AuditFilters
        filter={filter}
        onChange={changed => {
          setFilter(changed)
          setPages([])
        }}
      />
      <AuditList
        {...{ filter, before }}
        onOlder={older => setPages([...pages, older])}
        onNewer={() => setPages(pages.slice(0, -1))}
        onNewest={() => setPages([])}
      />
    </div>
  )
}

function NotAllowed({ me: { name, roles, siteRoles } }: { readonly me: MeAnswer }) {
  const allowing = Object.keys(siteRoles).filter(role => siteRoles[role]?.users === true)
  return (
    <p class="accounts-note">
      The audit is read by whoever may manage users: it needs {allowing.join(' or ') || 'a role with users'}.{' '}
      {name} has {roles.join(', ') || 'no role'}.
    </p>
  )
}

interface PageButtonProps {
  readonly text: string
  /** Undefined: there is no such page, or it is not known yet. The button keeps the focus all the same. */
  readonly onClick: (() => void) | undefined
}

const PageButton = ({ text, onClick }: PageButtonProps) => (
  <button type="button" aria-disabled={onClick === undefined} onClick={onClick}>
    {text}
  </button>
)

interface AuditListProps {
  readonly filter: AuditFilter
  /** Undefined: the newest page, which goes on by itself. */
  readonly before: string | undefined
  readonly onOlder: (before: string) => void
  readonly onNewer: () => void
  readonly onNewest: () => void
}

function AuditList({ filter, before, onOlder, onNewer, onNewest }: AuditListProps) {
  const ask = () => readAudit(auditQueryOf(filter, before, Date.now()))
  const { answer, error } = useAnswer(ask, JSON.stringify([filter, before]))
  const records = answer?.records
  const older = answer?.older
  return (
    <PanelFrame
      panel={{ name: 'audit-list', title: before === undefined ? 'Newest' : 'Older' }}
      note={before === undefined ? 'new ones come by themselves' : 'this page stays as it is'}
      tools={
        <div class="audit-pages">
          <PageButton text="Newest" onClick={before === undefined ? undefined : onNewest} />
          <PageButton text="Newer" onClick={before === undefined ? undefined : onNewer} />
          <PageButton text="Older" onClick={older === undefined ? undefined : () => onOlder(older)} />
        </div>
      }
    >
      <RefusalText error={error} />
      <table>
        <thead>
          <tr>
            <th scope="col">Time, UTC</th>
            <th scope="col">What happened</th>
            <th scope="col">From</th>
            <th scope="col">Told by</th>
          </tr>
        </thead>
        <tbody>
          {records?.map(record => (
            <AuditRow key={record.seq} record={record} />
          ))}
        </tbody>
      </table>
      {records?.length === 0 && (
        <p class="calm">
          {older === undefined
            ? 'Nothing of this kind is stored.'
            : 'Nothing of this kind here: look at older ones.'}
        </p>
      )}
      {answer === undefined && error === undefined && <p class="calm">Asking the api…</p>}
    </PanelFrame>
  )
}
