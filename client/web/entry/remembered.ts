/**
 * What someone chose on this device, kept for the next call. Nothing of it is sent anywhere, and nothing is kept that
 * was not chosen. A browser that refuses storage forgets, no more.
 */
export type Choice =
  | 'language'
  | 'microphone'
  | 'camera'
  | 'microphoneOff'
  | 'cameraOff'
  | 'keysOff'

export function remember(choice: Choice, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`assent.${choice}`)
    else localStorage.setItem(`assent.${choice}`, value)
  } catch {
    // SecurityError: storage is switched off.
  }
}

export function remembered(choice: Choice): string | null {
  try {
    return localStorage.getItem(`assent.${choice}`)
  } catch {
    // SecurityError: storage is switched off.
    return null
  }
}
