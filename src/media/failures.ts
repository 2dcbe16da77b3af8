import { errors } from 'mediasoup'
import { CallError, type ErrorCode } from '#protocol'

/**
 * Runs one call to a worker. Every such call may fail because the process died: that is MEDIA_UNAVAILABLE; any other
 * failure is `otherwise`. mediasoup's own messages repeat what the peer sent, so they stay in the cause.
 */
export async function asking<T>(
  otherwise: ErrorCode,
  message: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    if (cause instanceof CallError) throw cause
    if (cause instanceof errors.WorkerClosedError) throw unavailable(cause)
    throw new CallError(otherwise, message, { cause })
  }
}

export const unavailable = (cause?: unknown): CallError =>
  new CallError('MEDIA_UNAVAILABLE', 'the media worker of this room has ended', { cause })
