import type { CallState, ConsentView } from '#sdk'

/** The one thing between tiles and controls that needs an eye but no sheet; null where nothing does. */
export type SlipKind = 'lost' | 'stopping' | Standing | 'started' | 'withdrawn' | 'over'
type Standing = 'sending' | 'agreed' | 'declined' | 'undone' | 'minor' | 'restricted'

export function slipOf(state: CallState): SlipKind | null {
  if (state.connection === 'lost') return 'lost'
  if (state.connection !== 'joined') return null
  return state.call.stoppingAt === null ? ofConsent(state.call.consent) : 'stopping'
}

/** Names one slip, so that one that was read and closed stays closed while another opens. */
export function slipName(state: CallState, kind: SlipKind): string {
  const consent = 'call' in state ? state.call?.consent : undefined
  return `${kind} ${consent !== undefined && 'requestId' in consent ? consent.requestId : ''}`
}

function ofConsent(consent: ConsentView): SlipKind | null {
  switch (consent.state) {
    case 'idle':
      return null
    case 'asked':
      return whileAsked[consent.you]
    case 'recording':
    case 'paused':
      if (consent.you === 'given') return consent.state === 'recording' ? 'started' : null
      if (consent.you === 'answering') return 'sending'
      return consent.you === 'withdrawn' ? 'withdrawn' : null
    case 'ended':
      return consent.you === 'withdrawn' && consent.elapsedMs > 0 ? 'withdrawn' : 'over'
  }
}

const whileAsked: Record<Extract<ConsentView, { state: 'asked' }>['you'], Standing | null> = {
  asked: null,
  answering: 'sending',
  given: 'agreed',
  refused: 'declined',
  withdrawn: 'undone',
  minor: 'minor',
  restricted: 'restricted',
}
