import { CallError, type RequestId } from '#protocol'
import type { Caller, Handled, Handler } from './index.ts'

type Recording = Extract<Handled, `recording.${string}`>

const control =
  (type: 'pause' | 'resume' | 'stop' | 'takeOver') =>
  async (
    { room, peer }: Caller,
    { requestId }: { requestId: RequestId },
  ): Promise<Record<string, never>> => {
    room.desk.control(type, peer.person, requestId)
    return {}
  }

export const recording: { readonly [M in Recording]: Handler<M> } = {
  'recording.pause': control('pause'),
  'recording.resume': control('resume'),
  'recording.stop': control('stop'),
  'recording.takeOver': async (caller, params) => {
    if (!caller.peer.principal.grants.host)
      throw new CallError('NOT_AUTHORIZED', 'taking over needs the grant host')
    return control('takeOver')(caller, params)
  },
  'recording.destroyMine': async ({ room, peer }, { requestId }) => ({
    tracks: await room.desk.destroy(peer.person, requestId),
  }),
}
