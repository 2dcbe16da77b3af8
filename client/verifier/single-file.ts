import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

/**
 * Puts the one script and the one style of a built page into it, and a policy that allows these very bytes and nothing
 * else: no connection, no other script, not even from the disk it lies on.
 */
export function singleFile(fileName: string): Plugin {
  return {
    name: 'single-file',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const files = Object.values(bundle)
        const page = files.find((file) => file.fileName === 'index.html')
        const scripts = files.filter((file) => file.type === 'chunk')
        const styles = files.filter((file) => file.fileName.endsWith('.css'))
        if (page?.type !== 'asset' || scripts.length !== 1 || styles.length !== 1)
          throw new Error(`not one page, script and style: ${files.map((f) => f.fileName).join()}`)
        const script = inScript(scripts[0]!.code)
        const style = styles[0]!.type === 'asset' ? String(styles[0]!.source) : ''
        const html = String(page.source)
          .replace(/ *<script type="module"[^>]*><\/script>\n?/, '')
          .replace(/ *<link rel="stylesheet"[^>]*>\n?/, '')
          // Functions, since a `$` in what is put in would mean something otherwise.
          .replace('<meta charset="utf-8">', (charset) => `${charset}\n    ${policy(script, style)}`)
          .replace('</head>', () => `<style>${style}</style>\n  </head>`)
          .replace('</body>', () => `<script type="module">${script}</script>\n  </body>`)
        for (const name of Object.keys(bundle)) delete bundle[name]
        this.emitFile({ type: 'asset', fileName, source: html })
      },
    },
  }
}

const policy = (script: string, style: string): string =>
  `<meta http-equiv="Content-Security-Policy" content="${[
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')}">`

/** W3C CSP 3 §2.3.1, over the element's exact text. */
const hash = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** HTML takes these for the ends of a script, also within a string of JavaScript, which reads both spellings alike. */
const inScript = (code: string): string => code.replaceAll(/<(?=\/?script)/gi, '\\x3C')
