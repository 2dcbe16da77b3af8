import type { CallState, RequestId } from '#sdk'

export type Sheet = 'notice' | 'mismatch' | 'request' | null

export interface SheetWishes {
  /** The host is filling in the request form. */
  readonly asking: boolean
  /** The request that was set aside: no answer was given, and time runs on. */
  readonly aside: RequestId | null
  /** The request that someone who is not in the recording reads again of their own accord. */
  readonly again: RequestId | null
}

/** The one sheet that is open. What was asked goes before what one wants to ask. */
export function sheetOf(state: CallState, { asking, aside, again }: SheetWishes): Sheet {
  if (state.connection !== 'joined') return null
  const { consent, notice } = state.call
  const wanted = asking ? 'request' : null
  if (consent.state === 'idle' || consent.state === 'ended') return wanted
  const isTold = consent.you === 'minor' || consent.you === 'restricted'
  const isAsked = consent.you === 'asked' || (isTold && consent.state === 'asked')
  const readsAgain =
    again === consent.requestId &&
    consent.state !== 'asked' &&
    consent.policy === 'each' &&
    consent.you === 'refused'
  if (!readsAgain && (!isAsked || aside === consent.requestId)) return wanted
  if (notice.state === 'matches') return 'notice'
  return notice.state === 'mismatch' ? 'mismatch' : wanted
}
