import type { SessionsAnswer } from '@meridian/protocol/http'
import { useState } from 'preact/hooks'
import { PanelFrame } from '../panel.tsx'
import { RefusalText } from '../session/refusal-text.tsx'
import { endSession, readSessions } from '../session/session-routes.ts'
import { useSending } from '../session/use-sending.ts'
import { useShell } from '../shell.ts'
import { momentText } from './moment-text.ts'
import { useAnswer } from './use-answer.ts'

type ShownSession = SessionsAnswer['sessions'][number]

interface SessionListProps {
  readonly title: string
  readonly isShown: (session: ShownSession) => boolean
}

/** Sessions, those used last first, each with a way to end it. */
export function SessionList({ title, isShown }: SessionListProps) {
  const { answer, error, again } = useAnswer(readSessions)
  const [ended, setEnded] = useState<ReadonlySet<string>>(new Set())
  // The api's list is a moment late: what it has ended stays away.
  const shown = answer?.sessions.filter(session => isShown(session) && !ended.has(session.id))
  const onEnded = (id: string): void => {
    setEnded(before => new Set([...before, id]))
    again()
  }
  return (
    <PanelFrame panel={{ name: 'session-list', title }} note={shown?.length}>
      <RefusalText error={error} />
      {answer?.complete === false && <p class="calm">There are more than {answer.sessions.length}.</p>}
      <table>
        <thead>
          <tr>
            <th scope="col">User</th>
            <th scope="col">From</th>
            <th scope="col">With</th>
            <th scope="col">Begun, UTC</th>
            <th scope="col">Used, UTC</th>
            <th scope="col">Ends unused, UTC</th>
            <th scope="col">
              <span class="hidden-visually">End it</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown?.map(session => (
            <SessionRow key={session.id} session={session} onEnded={() => onEnded(session.id)} />
          ))}
        </tbody>
      </table>
      {answer === undefined && error === undefined && <p class="calm">Asking the api…</p>}
    </PanelFrame>
  )
}

function SessionRow({ session, onEnded }: { readonly session: ShownSession; readonly onEnded: () => void }) {
  const { error, isBusy, send } = useSending()
  const { session: ownSession } = useShell()
  const end = async (): Promise<void> => {
    const work = () => endSession(session.id)
    const isDone = await send(session.isOwn ? () => ownSession.leaveBy(work) : work)
    if (isDone) onEnded()
  }
  const { user, address, userAgent, begunAt, usedAt, endsAt, isOwn } = session
  return (
    <tr>
      <th scope="row">{user}</th>
      <td>{address}</td>
      <td class="session-with" title={userAgent}>
        {isOwn ? <strong>this browser</strong> : userAgent}
      </td>
      <td>{momentText(begunAt)}</td>
      <td>{momentText(usedAt)}</td>
      <td>{momentText(endsAt)}</td>
      <td>
        <button
          type="button"
          aria-label={
            isOwn ? 'Log out here' : `End session of ${user} from ${address}, begun ${momentText(begunAt)}`
          }
          onClick={() => void end()}
        >
          {endLabel(isOwn, isBusy)}
        </button>
        <RefusalText error={error} />
      </td>
    </tr>
  )
}

function endLabel(isOwn: boolean, isBusy: boolean): string {
  if (isBusy) return 'Ending…'
  return isOwn ? 'Log out here' : 'End'
}
