import { useEffect, useEffectEvent, useMemo } from 'react'
import type { Call } from '#sdk'
import { remember } from '../entry/remembered.ts'
import type { Devices, Kind } from '../join/devices.ts'

export interface OwnMedia {
  readonly toggleMicrophone: () => void
  readonly toggleCamera: () => void
  readonly talk: (on: boolean) => void
  readonly toggleShare: () => void
  readonly send: (kind: Kind, track: MediaStreamTrack | null) => void
}

/**
 * What one sends, between the devices that give it and the call that takes it. `onNoDevice`: one was to be switched on,
 * and there is none to have; the devices say why. Both functions must stay the same between renders.
 */
export function useOwnMedia(
  call: Call,
  devices: Devices,
  onProblem: (failure: unknown) => void,
  onNoDevice: () => void,
): OwnMedia {
  const media = useMemo(
    () => ownMedia(call, devices, onProblem, onNoDevice),
    [call, devices, onProblem, onNoDevice],
  )
  const follow = useEffectEvent(() => stopWhatIsGone(call, devices, media))
  useEffect(() => {
    const unsubscribe = [devices.subscribe(() => follow()), call.subscribe(() => follow())]
    return () => {
      for (const end of unsubscribe) end()
    }
  }, [call, devices])
  return media
}

/** An unplugged device sends nothing more; one that this call does not take stays closed, its light out. */
function stopWhatIsGone({ state }: Call, devices: Devices, { send }: OwnMedia): void {
  if (state.connection !== 'joined') return
  const { publish } = state.call.grants
  for (const kind of ['microphone', 'camera'] as const) {
    const input = devices.state[kind].state
    if (input === 'missing' && state.own[kind].sending) send(kind, null)
    if (input === 'on' && !publish.includes(kind)) devices.drop(kind)
  }
}

function ownMedia(
  call: Call,
  devices: Devices,
  onProblem: (failure: unknown) => void,
  onNoDevice: () => void,
): OwnMedia {
  let talking = false
  const isHeard = () => call.state.own.microphone.sending && !call.state.own.microphone.muted
  const send = (kind: Kind, track: MediaStreamTrack | null) => {
    const sent = kind === 'microphone' ? call.setMicrophone(track) : call.setCamera(track)
    sent.catch(onProblem)
  }
  const openAndSend = async (kind: Kind) => {
    const track = await devices.open(kind)
    if (track === null) return onNoDevice()
    send(kind, track)
    if (kind === 'microphone') call.unmute()
  }
  return {
    send,
    toggleMicrophone: () => {
      remember('microphoneOff', isHeard() ? '1' : null)
      if (isHeard()) call.mute()
      else if (call.state.own.microphone.sending) call.unmute()
      else void openAndSend('microphone')
    },
    talk: (on) => {
      if (on && call.state.own.microphone.sending && !isHeard()) {
        talking = true
        call.unmute()
      } else if (!on && talking) {
        talking = false
        call.mute()
      }
    },
    toggleCamera: () => {
      if (devices.state.camera.state !== 'on') return void openAndSend('camera')
      devices.off('camera')
      return send('camera', null)
    },
    toggleShare: () => {
      if (call.state.own.screen.sending) return call.stopSharing()
      // NotAllowedError: the person thought better of it.
      call.shareScreen().catch((failure: unknown) => {
        if (!(failure instanceof DOMException)) onProblem(failure)
      })
      return undefined
    },
  }
}
