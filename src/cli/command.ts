import { CallError } from '#protocol'

/** Where a command writes; `process` fits. */
export type Io = {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** A mistake in the command itself. */
export const misuse = (message: string, options?: ErrorOptions): CallError =>
  new CallError('BAD_REQUEST', message, options)

/** What a command says when it could not run: its usage as well, when that was why. */
export function explain(command: string, error: unknown, usage: string): string {
  const message = error instanceof Error ? error.message : String(error)
  const isMisuse =
    error instanceof CallError
      ? error.code === 'BAD_REQUEST'
      : error instanceof TypeError && 'code' in error
  return isMisuse
    ? `assent ${command}: ${message}.\n\n${usage}`
    : `assent ${command} could not run: ${message}.\n`
}

/**
 * Texts of strangers as a terminal may show them: nothing in them moves the cursor, begins a line or turns the direction
 * of reading.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '\ufffd')
