import type { Outcome } from '#sdk'
import type { Key } from '../language/languages.ts'

/** Why it is over, in one sentence. Nobody learns from it who said no. */
export const outcomeText: Record<Outcome, Key> = {
  declined: 'outcome.declined',
  notAll: 'outcome.notAll',
  expired: 'outcome.expired',
  cancelled: 'outcome.cancelled',
  stopped: 'outcome.stopped',
  hostLeft: 'outcome.hostLeft',
  empty: 'outcome.empty',
  recorderFailed: 'outcome.recorderFailed',
  logFailed: 'outcome.logFailed',
}
