/** Ready, or the reason why not, as one sentence for whoever asks `/readyz`. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly why: string }

/** The answer of whoever can serve. */
export const ready: Readiness = { ready: true }

/** The answer of whoever cannot serve now; `why` says what is awaited. */
export const notReady = (why: string): Readiness => ({ ready: false, why })
