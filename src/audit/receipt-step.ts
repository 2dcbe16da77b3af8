import type { FlawCode } from './flaw.ts'

/**
 * Which part of a check a flaw belongs to: one way for people to understand it, and one thing they can do. `file`: cut off
 * or changed; `answer`: its parts do not belong together; `unseen`: a yes whose signature is not in the file; `place`: the
 * log has something else there; `log`: the log's signature is wrong; `stranger`: another log signed; `history`: the log
 * shows two histories; `other`: of someone else.
 */
export type ReceiptStep =
  | 'file'
  | 'notice'
  | 'signature'
  | 'answer'
  | 'unsigned'
  | 'unseen'
  | 'erased'
  | 'place'
  | 'log'
  | 'stranger'
  | 'witness'
  | 'history'
  | 'other'
  | 'trust'

/** What is in no row is about the form of the file. */
export const stepOf = (code: FlawCode): ReceiptStep =>
  steps.find(([start]) => code.startsWith(start))?.[1] ?? 'file'

type Family = 'cosignature-' | 'decision-' | 'join-' | 'policy-' | 'record-' | 'vkey-'

/** The codes, or how all codes of a family begin. */
const steps: readonly (readonly [start: FlawCode | Family, step: ReceiptStep])[] = [
  ['receipt-notice', 'notice'],
  ['receipt-terms', 'notice'],
  ['notice-form', 'notice'],
  ['jws-signature', 'signature'],
  ['jws-alg', 'signature'],
  ['jwk-point', 'signature'],
  ['decision-', 'answer'],
  ['join-', 'answer'],
  ['record-', 'answer'],
  ['request-key', 'answer'],
  ['receipt-statement-key', 'answer'],
  ['receipt-seen', 'answer'],
  ['receipt-unsigned-yes', 'unsigned'],
  ['receipt-unseen-yes', 'unseen'],
  ['receipt-erased', 'erased'],
  ['proof-root', 'place'],
  ['proof-too-short', 'place'],
  ['proof-too-long', 'place'],
  ['proof-index-outside', 'place'],
  ['note-signature-wrong', 'log'],
  ['note-unsigned', 'stranger'],
  ['checkpoint-origin', 'stranger'],
  ['receipt-origin', 'stranger'],
  ['cosignature-', 'witness'],
  ['log-inconsistent', 'history'],
  ['log-forked', 'history'],
  ['log-key-changed', 'history'],
  ['receipt-no-decision', 'other'],
  ['receipt-session', 'other'],
  ['receipt-person', 'other'],
  ['policy-', 'trust'],
  ['vkey-', 'trust'],
]
