/**
 * What a browser is told to forbid the page, whatever gets into it: code and styles from here alone
 * and none inline, no other host (P14), nobody's frame. `wss` is named because `'self'` means https
 * alone in older browsers.
 */
export function pageHeaders(publicUrl: string, isDemo: boolean): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    `connect-src 'self' wss://${new URL(publicUrl).host}`,
    "worker-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ]
  return {
    ...everywhere(isDemo),
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': [
      ...own.map((name) => `${name}=(self)`),
      ...nobody.map((name) => `${name}=()`),
    ].join(', '),
  }
}

const own = [
  'autoplay',
  'camera',
  'display-capture',
  'fullscreen',
  'microphone',
  'picture-in-picture',
  'screen-wake-lock',
  'speaker-selection',
]
const nobody = [
  'accelerometer',
  'browsing-topics',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'midi',
  'payment',
  'serial',
  'usb',
]

/** For every answer, the errors too. */
export const everywhere = (isDemo: boolean): Readonly<Record<string, string>> => ({
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  // A demo runs on localhost: pinning https there would lock out every other program on the
  // machine.
  ...(!isDemo && { 'strict-transport-security': 'max-age=63072000' }),
})
