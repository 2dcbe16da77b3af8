import type { CallState, CallView } from '#sdk'
import type { Input } from '../join/devices.ts'
import type { ToolbarView } from './toolbar.tsx'

type InCall = Extract<CallState, { connection: 'joined' | 'lost' }>

export function toolbarView(
  { own, call }: InCall,
  camera: Input,
  panel: ToolbarView['panel'],
): ToolbarView {
  return {
    muted: !own.microphone.sending || own.microphone.muted,
    cameraOn: camera.state === 'on',
    canSpeak: call.grants.publish.includes('microphone'),
    canBeSeen: call.grants.publish.includes('camera'),
    sharing: own.screen.sending,
    // Most phones have no screen to offer to a page.
    canShare:
      call.grants.publish.includes('screen') && 'getDisplayMedia' in (navigator.mediaDevices ?? {}),
    recording: recordingTool(call),
    panel,
  }
}

function recordingTool({ consent, grants }: CallView): ToolbarView['recording'] {
  if ('youControl' in consent) return consent.youControl ? 'canEnd' : null
  const isFree = consent.state === 'idle' || consent.state === 'ended'
  return isFree && grants.host && grants.record ? 'canAsk' : null
}
