import { useMemo, useRef } from 'react'
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

/** What one sends, between the devices that give it and the call that takes it. A refusal shows in `state.own`. */
export function useOwnMedia(call: Call, devices: Devices, onProblem: (failure: unknown) => void): OwnMedia {
  const talking = useRef(false)
  return useMemo(() => {
    const isHeard = () => call.state.own.microphone.sending && !call.state.own.microphone.muted
    const send = (kind: Kind, track: MediaStreamTrack | null) => {
      const sent = kind === 'microphone' ? call.setMicrophone(track) : call.setCamera(track)
      sent.catch(onProblem)
    }
    const openAndSend = async (kind: Kind) => {
      const track = await devices.open(kind)
      if (track !== null) send(kind, track)
      if (track !== null && kind === 'microphone') call.unmute()
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
          talking.current = true
          call.unmute()
        } else if (!on && talking.current) {
          talking.current = false
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
        call.shareScreen().catch((failure: unknown) => { if (!(failure instanceof DOMException)) onProblem(failure) })
        return undefined
      },
    }
  }, [call, devices, onProblem])
}
