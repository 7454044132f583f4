/** One message as a stream took it. */
export interface PublishedMessage {
  readonly id: string
  /** Its number in the stream, where that is known. */
  readonly seq: number | undefined
  /** How often the log had been cut back before it was published. */
  readonly era: number
  /** The era that a cut began which removed it; undefined: the log still holds it, or dropped it by its limits. */
  readonly cutIn: number | undefined
}

/** What one stream took, in its order: the truth that any number of receivers are judged by. */
export interface PublicationLog {
  /** Ids are unique within a subject; `seq` is the number in the stream, without which no gap covers it. */
  published(subject: string, id: string, seq?: number): void
  /**
   * What the stream holds behind this number is gone, and its numbers are used again: it was restored from a
   * backup, or made anew (0).
   */
  cutBack(lastSeq: number): void
  subjects(): Iterable<string>
  /** The messages of a subject, oldest first. */
  of(subject: string): readonly PublishedMessage[]
}

/** Creates the log of a stream that has taken nothing. */
export function createPublicationLog(): PublicationLog {
  const subjects = new Map<string, PublishedMessage[]>()
  let era = 0
  return {
    published(subject, id, seq) {
      const messages = subjects.get(subject) ?? []
      messages.push({ id, seq, era, cutIn: undefined })
      subjects.set(subject, messages)
    },
    cutBack(lastSeq) {
      era++
      for (const [subject, messages] of subjects)
        subjects.set(
          subject,
          messages.map(message =>
            message.cutIn === undefined && (message.seq ?? 0) > lastSeq ? { ...message, cutIn: era } : message
          )
        )
    },
    subjects: () => subjects.keys(),
    of: subject => subjects.get(subject) ?? []
  }
}
