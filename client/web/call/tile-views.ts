import type { CallState, CallView, PeerId } from '#sdk'
import type { Input } from '../join/devices.ts'
import { sends, type TileView } from './tile.tsx'

/** The people of the call as their tiles show them, you among them. The recorder has no tile; the list names it. */
export function tileViews(state: CallState, call: CallView, ownCamera: Input): readonly TileView[] {
  const badges = badgesOf(call)
  return call.people
    .filter(({ kind }) => kind === 'person')
    .map((person) => {
      const isYou = person.peerId === call.you
      const received = state.streams.get(person.peerId)?.camera
      return {
        person,
        isYou,
        picture: isYou
          ? ownCamera.state === 'on'
            ? ownCamera.stream
            : undefined
          : sends(person, 'camera')
            ? received
            : undefined,
        muted: isYou
          ? !state.own.microphone.sending || state.own.microphone.muted
          : !sends(person, 'microphone'),
        speaking: call.speaking.includes(person.peerId),
        poor: isYou
          ? state.own.media === 'disconnected' || state.own.media === 'failed'
          : !person.connected,
        inIt: badges === null ? null : badges.has(person.peerId),
      }
    })
}

/** Who shares a screen, the newest where several do. */
export const sharerOf = ({ people }: CallView): PeerId | null =>
  people.findLast((person) => sends(person, 'screen'))?.peerId ?? null

/** Under `everyone` the line says it all; while people are asked nothing stands beside a name. */
function badgesOf({ consent }: CallView): ReadonlySet<PeerId> | null {
  const isRunning = consent.state === 'recording' || consent.state === 'paused'
  return isRunning && consent.policy === 'each' ? new Set(consent.inIt) : null
}
