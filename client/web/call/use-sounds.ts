import { useEffect, useRef } from 'react'
import type { CallState, PeerId } from '#sdk'

/** Plays everyone's voice and the sound of shared screens, wherever their tiles are; your own never comes back to you. */
export function useSounds(streams: CallState['streams'], you: PeerId | null): void {
  const playing = useRef(new Map<MediaStream, HTMLAudioElement>())
  useEffect(() => {
    const wanted = new Set(soundsOf(streams, you))
    for (const stream of new Set(playing.current.keys()).difference(wanted))
      silence(playing.current, stream)
    // Only what is new: a voice must not stop for a moment because someone else came.
    for (const stream of wanted)
      if (!playing.current.has(stream)) playing.current.set(stream, play(stream))
  }, [streams, you])
  useEffect(() => {
    const sounds = playing.current
    return () => {
      for (const stream of sounds.keys()) silence(sounds, stream)
    }
  }, [])
}

function play(stream: MediaStream): HTMLAudioElement {
  const audio = new Audio()
  audio.srcObject = stream
  // NotAllowedError before any press on this page; the press on Join has come before that.
  audio.play().catch(() => undefined)
  return audio
}

function silence(playing: Map<MediaStream, HTMLAudioElement>, stream: MediaStream): void {
  const audio = playing.get(stream)
  if (audio !== undefined) audio.srcObject = null
  playing.delete(stream)
}

const soundsOf = (streams: CallState['streams'], you: PeerId | null): readonly MediaStream[] =>
  [...streams]
    .filter(([peerId]) => peerId !== you)
    .flatMap(([, { microphone, screenAudio }]) => [microphone, screenAudio])
    .filter((stream) => stream !== undefined)
