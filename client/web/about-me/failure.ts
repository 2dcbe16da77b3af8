import { CallError, type ErrorCode } from '#sdk'
import { failureText } from '../consent/failure.ts'
import type { Say } from '../record/line.ts'

/** What went wrong with an act, in the words of this page. */
export function failureIn(cause: unknown): Say {
  const code = cause instanceof CallError ? cause.code : 'INTERNAL'
  const key = texts[code]
  return key === undefined ? failureText(cause) : { key }
}

const texts: Partial<Record<ErrorCode, Say['key']>> = {
  ON_HOLD: 'me.error.hold',
  LOG_UNAVAILABLE: 'me.error.log',
  TOO_MANY_REQUESTS: 'error.slower',
}
