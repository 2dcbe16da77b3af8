import { CallError, type ErrorCode } from '#sdk'
import type { Say } from '../record/line.ts'
import type { Key } from '../language/languages.ts'

/** What to say where a request was refused. Codes without a row of their own read as "something went wrong". */
const texts: Partial<Record<ErrorCode, Key>> = {
  ALREADY_ASKED: 'ask.alreadyAsked',
  ALREADY_ASKING: 'ask.alreadyAsking',
  STEP_UP_REQUIRED: 'ask.stepUp',
  NOT_WITH_EVERYONE: 'ask.notWithEveryone',
  NEVER_RECORDED: 'notice.never',
  NO_READERS: 'ask.readers.missing',
  NOTICE_INCOMPLETE: 'ask.noticeIncomplete',
  NOTICE_MISMATCH: 'notice.mismatch',
  TOO_LATE: 'notice.tooLate',
  LOG_UNAVAILABLE: 'outcome.logFailed',
  RECORDER_FAILED: 'outcome.recorderFailed',
  NOT_AUTHORIZED: 'error.notAllowed',
  TOO_MANY_REQUESTS: 'error.slower',
  MEDIA_UNAVAILABLE: 'error.mediaRestarts',
  CONNECTION_LOST: 'error.lost',
  BROWSER_UNSUPPORTED: 'end.browser',
}

/** A failure in the words of the page, with the code as reference where it is none that the person can mend. */
export function failureText(failure: unknown): Say {
  const code = failure instanceof CallError ? failure.code : 'INTERNAL'
  const key = texts[code]
  return key === undefined ? { key: 'error.other', values: { reference: code } } : { key }
}
