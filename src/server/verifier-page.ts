import { servedFile, type ServedFile } from './files.ts'

/** The verifier as it is given out, and the content policy that the built file names for itself. */
export interface VerifierPage {
  readonly file: ServedFile
  readonly contentPolicy: string
}

/**
 * With the trust policy of this server in it: a copy of the file on somebody's disk still knows whom to trust, when this
 * server is long gone. Throws for a file that names no policy for itself, since its scripts are in it.
 */
export function verifierPage(
  built: ServedFile,
  { publicUrl, trustPolicy }: { readonly publicUrl: string; readonly trustPolicy: string },
): VerifierPage {
  const html = built.body.toString('utf8')
  const [, contentPolicy] =
    /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(html) ?? []
  if (contentPolicy === undefined || !html.includes(place))
    throw new Error('verify.html is not the built verifier: build the client again')
  const trust = JSON.stringify({ host: new URL(publicUrl).host, policy: trustPolicy })
  // HTML would end the block at a tag in it.
  const block = place.replace('null', () => trust.replaceAll('<', '\\u003c'))
  const file = servedFile(Buffer.from(html.replace(place, () => block)), built.type, '/verify.html')
  return { file, contentPolicy }
}

const place = '<script type="application/json" id="trust">null</script>'
