/** Answer of `/readyz`: ready, or one sentence that says why not. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly why: string }

/** The answer of a part that can serve. */
export const ready: Readiness = { ready: true }

/** The answer of a part that cannot serve now; `why` names what it waits for. */
export const notReady = (why: string): Readiness => ({ ready: false, why })
