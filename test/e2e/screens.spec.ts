import { loadStrings } from '../../client/web/language/languages.ts'
import { scenes, type SceneName } from './support/scenes.ts'
import { asked, expect, findings, isHit, languages, play, test } from './support/screens-test.ts'

const launch = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
  ],
}
test.use({ launchOptions: launch, viewport: { width: 1280, height: 800 }, locale: 'en-GB' })

const phone = { width: 390, height: 664 }
const names = Object.keys(scenes).filter((name): name is SceneName => name in scenes)
const inCall = names.filter((name) => !/^end[A-Z]|^connecting$/.test(name))
const answers = ['Decline', 'Agree']

test.describe('the two answers', () => {
  for (const lang of languages) {
    test(`L4 are alike in size, border and type, first no, then yes (${lang})`, async ({
      page,
      open,
    }) => {
      await open('notice', { lang })
      const looks = await page.locator('.answer').evaluateAll((nodes) =>
        nodes.map((node) => {
          const { width, height, top } = node.getBoundingClientRect()
          const style = Object.fromEntries(
            [...getComputedStyle(node)]
              .filter(
                (name) => !/inline-size|^width|perspective-origin|transform-origin/.test(name),
              )
              .map((name) => [name, getComputedStyle(node).getPropertyValue(name)]),
          )
          return { width, height, top, style }
        }),
      )
      expect(looks).toHaveLength(2)
      expect(looks[0]).toEqual(looks[1])
    })
  }

  test('L3 stand in the order no, yes, and neither is focused when they appear', async ({
    page,
    open,
  }) => {
    await open('call')
    await play(page, 'notice')
    await expect(page.locator('.answer')).toHaveText(answers)
    await expect(page.getByRole('heading', { name: 'Maya asks to record this call' })).toBeFocused()
    for (const key of ['Enter', 'Space']) await page.keyboard.press(key)
    expect(await asked(page)).toEqual([])
    await expect(page.getByRole('dialog')).toBeVisible()
  })

  test('send the one that is pressed, once', async ({ page, open }) => {
    await open('notice')
    await page.evaluate(() => {
      screens.call.silent = true
    })
    await page.getByRole('button', { name: 'Decline' }).dblclick()
    expect(await asked(page)).toEqual([['decide', expect.stringMatching(/^req_/), 'refused']])
  })

  test('are reached by Tab, and Enter on a focused one answers', async ({ page, open }) => {
    await open('notice')
    await page.getByRole('button', { name: 'Agree' }).focus()
    await page.keyboard.press('Enter')
    expect(await asked(page)).toEqual([['decide', expect.stringMatching(/^req_/), 'given']])
  })

  for (const screen of ['mismatch', 'checking', 'noticeMinor', 'noticeRestricted'] as const) {
    test(`are not there when there is nothing to decide: ${screen}`, async ({ page, open }) => {
      await open(screen)
      await expect(page.locator('.recline')).toBeVisible()
      await expect(page.locator('.answer')).toHaveCount(0)
    })
  }

  test('may be refused by the server, and then it says why and asks again', async ({
    page,
    open,
  }) => {
    await open('notice')
    await page.evaluate(() => screens.refuse('TOO_LATE'))
    await page.getByRole('button', { name: 'Agree' }).click()
    await expect(page.locator('.side').getByRole('alert')).toHaveText(
      'The time to answer is over; no answer counts as no.',
    )
    await expect(page.getByRole('button', { name: 'Agree' })).toBeEnabled()
  })
})

test.describe('the sheet', () => {
  test('is set aside by Escape without an answer, and comes back from the record line', async ({
    page,
    open,
  }) => {
    await open('notice')
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    expect(await asked(page)).toEqual([])
    await expect(page.locator('.recline')).toContainText('2 of 5 have answered')
    await page.getByRole('button', { name: 'Read the request' }).click()
    await expect(page.getByRole('dialog', { name: 'Maya asks to record this call' })).toBeVisible()
  })

  test('takes the focus from no field in use', async ({ page, open }) => {
    await open('host')
    await page.getByRole('button', { name: 'More' }).click()
    const field = page.getByLabel('Microphone')
    await field.focus()
    await play(page, 'notice')
    await expect(page.getByRole('dialog')).toBeVisible()
    await expect(page.locator('.answer:focus')).toHaveCount(0)
  })

  test('is not modal: microphone, camera and Leave work beside it', async ({ page, open }) => {
    await open('notice')
    await expect(page.getByRole('dialog')).toHaveAttribute('aria-modal', 'false')
    await page.getByRole('button', { name: 'Mute' }).click()
    await expect(page.getByRole('button', { name: 'Unmute' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Leave' })).toBeEnabled()
  })

  test('counts the time down in words and as a bar, and its end answers nothing by itself', async ({
    page,
    open,
  }) => {
    await page.clock.install()
    await open('notice')
    await expect(page.locator('.count')).toContainText(/1:2\d left/)
    await page.clock.fastForward(100_000)
    await expect(page.locator('.count')).toContainText('0:00 left')
    await expect(page.locator('.count')).toContainText('No answer counts as no')
    expect(await asked(page)).toEqual([])
  })

  for (const lang of languages) {
    test(`shows every fact and both answers without scrolling at ${phone.width}×${phone.height} (${lang})`, async ({
      page,
      open,
    }) => {
      await page.setViewportSize(phone)
      for (const screen of ['notice', 'noticeEach', 'late'] as const) {
        await open(screen, { lang })
        const seen = await page.locator('.side').evaluate((side) => {
          const body = side.querySelector('.side-body')?.getBoundingClientRect()
          const rows = [...side.querySelectorAll('.facts > div')].map((row) =>
            row.getBoundingClientRect(),
          )
          const buttons = [...side.querySelectorAll('.answer')].map((row) =>
            row.getBoundingClientRect(),
          )
          return {
            rows: rows.length,
            cut: rows
              .map(({ bottom }) => Math.round(bottom - (body?.bottom ?? 0)))
              .filter((below) => below > 0),
            answers: buttons.filter(({ top, bottom }) => top >= 0 && bottom <= innerHeight).length,
          }
        })
        expect(seen, screen).toEqual({ rows: 7, cut: [], answers: 2 })
      }
    })
  }

  test('unfolds all the rest of the notice', async ({ page, open }) => {
    await open('notice')
    await page.getByRole('button', { name: 'Read all' }).click()
    for (const fact of [
      'Hafenstraße 1',
      'GDPR art. 6(1)(a)',
      'Der Hessische Beauftragte',
      '1,095 days',
      'another host',
      'minutes, Germany',
      'assent/notice/v1',
    ]) {
      await expect(page.locator('.facts.all')).toContainText(
        new RegExp(fact.replace(/[()/.]/g, '\\$&'), 'i'),
      )
    }
  })
})

test.describe('the record line', () => {
  const around: readonly (readonly [SceneName, string])[] = [
    ['call', ''],
    ['notice', ''],
    ['agreed', ''],
    ['recording', ''],
    ['recordingOut', ''],
    ['paused', ''],
    ['late', ''],
    ['stopped', ''],
    ['recorderFailed', ''],
    ['lost', ''],
    ['share', ''],
    ['recording', 'Alt+p'],
    ['recordingHost', 'Alt+r'],
    ['demo', 'Alt+p'],
  ]
  for (const size of [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
    { width: 640, height: 400 },
  ]) {
    test(`is met by a finger in each state at ${size.width}×${size.height}`, async ({
      page,
      open,
    }) => {
      await page.setViewportSize(size)
      await open('call')
      const line = page.getByRole('region', { name: 'Recording', exact: true })
      for (const [screen, key] of around) {
        await play(page, screen)
        if (key !== '') await page.keyboard.press(key)
        if (key !== '') await expect(page.locator('aside.side'), screen).toBeVisible()
        await expect(line, screen).toBeInViewport({ ratio: 1 })
        expect(await isHit(line), screen).toBe(true)
        for (const mark of await line.locator('.mark-rec, .mark-word, .btn').all())
          expect(await isHit(mark), screen).toBe(true)
        if (key !== '') await page.keyboard.press('Escape')
      }
    })
  }

  test('says the server’s word in each state', async ({ page, open }) => {
    const texts: Partial<Record<SceneName, RegExp>> = {
      call: /^Nothing is being recorded/,
      notice: /Maya asks to record · 2 of 5 have answered/,
      agreed: /3 of 5 have answered · not recording yet/,
      recording: /REC12:0\d · everyone agreed.*Withdraw/,
      recordingEach: /REC12:0\d · 3 of 5 people, you are in it/,
      recordingOut: /REC12:0\d · 3 of 5 people, you are not in it/,
      paused: /PAUSED12:04 · someone joined and has not decided yet/,
      pausedHost: /PAUSED12:04 · paused by the host/,
      late: /PAUSEDNothing of you is recorded/,
      stopped: /12:04 · Recording ended/,
      withdrawn: /Recording ended: not everyone agrees any more/,
      endedDeclined: /No recording: not everyone agreed/,
      endedExpired: /not everyone answered in time/,
      recorderFailed: /STOPPEDThe recorder failed/,
      lost: /Connection lost · recording state unknown/,
    }
    await open('call')
    for (const name of names) {
      const text = texts[name]
      if (text === undefined) continue
      await play(page, name)
      await expect(page.locator('.recline'), name).toHaveText(text)
    }
  })

  test('frames the window for those who are in it, and for nobody else', async ({ page, open }) => {
    await open('call')
    const frames: Partial<Record<SceneName, string | null>> = {
      call: null,
      notice: null,
      recording: 'on',
      recordingEach: 'on',
      recordingOut: null,
      paused: 'paused',
      late: null,
      lost: null,
      stopped: null,
    }
    for (const name of names) {
      const frame = frames[name]
      if (frame === undefined) continue
      await play(page, name)
      const call = page.locator('.call')
      if (frame === null) await expect(call, name).not.toHaveAttribute('data-frame')
      else await expect(call, name).toHaveAttribute('data-frame', frame)
    }
  })

  test('marks the tab: its title and its icon, from this origin', async ({ page, open }) => {
    await open('recording')
    await expect(page).toHaveTitle('REC · Weekly planning')
    await expect(page.locator('link[rel=icon]')).toHaveAttribute('href', '/ring-closed.svg')
    await play(page, 'paused')
    await expect(page).toHaveTitle('PAUSED · Weekly planning')
    await play(page, 'call')
    await expect(page).toHaveTitle('Weekly planning · Assent')
    await expect(page.locator('link[rel=icon]')).toHaveAttribute('href', '/ring-open.svg')
  })

  test('answers recording.show once the mark stands, even where no frame is ever painted', async ({
    page,
    open,
  }) => {
    await page.addInitScript(() => {
      globalThis.requestAnimationFrame = () => 0
    })
    await open('agreed')
    const markAtAnswer = await page.evaluate(async () => {
      const { consent } =
        'call' in screens.call.state && screens.call.state.call !== null
          ? screens.call.state.call
          : { consent: null }
      await screens.call.show(consent !== null && 'requestId' in consent ? consent.requestId : '')
      return document.querySelector('.mark-rec')?.textContent
    })
    expect(markAtAnswer).toBe('REC')
  })

  test('does not answer recording.show while no mark can stand', async ({ page, open }) => {
    await open('call')
    const answered = await page.evaluate(async () => {
      let done = false
      void screens.call.show(`req_${'a'.repeat(26)}`).then(() => {
        done = true
      })
      await new Promise((resolve) => setTimeout(resolve))
      return done
    })
    expect(answered).toBe(false)
  })
})

test.describe('withdrawing', () => {
  test('is one press; the mark stays until the server says so, and after two seconds the page says it waits', async ({
    page,
    open,
  }) => {
    await page.clock.install()
    await open('recording')
    await page.evaluate(() => {
      screens.call.silent = true
    })
    await page.getByRole('button', { name: 'Withdraw my consent to this recording now' }).click()
    expect(await asked(page)).toEqual([['decide', expect.stringMatching(/^req_/), 'withdrawn']])
    await expect(page.locator('.recline')).toContainText('Withdrawing…')
    await expect(page.locator('.mark-rec')).toBeVisible()
    await page.clock.fastForward(2100)
    await expect(page.locator('.slip')).toContainText(
      'The server has not confirmed your withdrawal yet',
    )
  })

  test('then offers to keep or destroy, both alike; destroying asks once, and not to a double click', async ({
    page,
    open,
  }) => {
    await open('withdrawn')
    const choices = page.locator('.slip .two .btn')
    await expect(choices).toHaveText(['Keep it', 'Destroy my part'])
    const sizes = await choices.evaluateAll((nodes) =>
      nodes.map((node) => node.getBoundingClientRect()).map(({ width, height }) => [width, height]),
    )
    expect(sizes[0]).toEqual(sizes[1])
    await choices.nth(1).dblclick()
    await expect(page.locator('.slip')).toContainText('This cannot be undone.')
    expect(await asked(page)).toEqual([])
    await choices.nth(1).click()
    await expect(page.locator('.slip')).toContainText('has been destroyed')
    expect(await asked(page)).toEqual([['destroyMine', expect.stringMatching(/^req_/)]])
  })

  test('Alt and W only move there', async ({ page, open }) => {
    await open('recording')
    await page.keyboard.press('Alt+w')
    await expect(
      page.getByRole('button', { name: 'Withdraw my consent to this recording now' }),
    ).toBeFocused()
    expect(await asked(page)).toEqual([])
  })
})

test.describe('while people are asked', () => {
  for (const screen of [
    'agreed',
    'agreedHost',
    'declined',
    'sending',
    'endedDeclined',
    'endedOwnNo',
    'endedExpired',
    'notAll',
  ] as const) {
    test(`nobody learns who said what: ${screen}`, async ({ page, open }) => {
      await open(screen)
      const told = `${await page.locator('.recline').innerText()} ${await page.locator('.slip').innerText()} ${(await page.locator('[role=alert], output').allInnerTexts()).join(' ')}`
      for (const name of ['Maya', 'Ines', 'Oleh', 'Ruth', 'Tomas']) expect(told).not.toContain(name)
      expect(told).not.toMatch(/\d (yes|no|agreed|declined)/i)
    })
  }

  test('no mark stands beside a name', async ({ page, open }) => {
    await open('agreed')
    await page.keyboard.press('Alt+p')
    await expect(page.locator('.person')).toHaveCount(5)
    await expect(page.locator('.person .tag')).toHaveText(['host'])
    await expect(page.locator('.badge')).toHaveCount(0)
  })
})

test.describe('a screen reader', () => {
  test('hears a request once, at once, with the time and without being answered for', async ({
    page,
    open,
  }) => {
    await open('call')
    await expect(page.locator('output')).toHaveText(
      'You are in the call. People: 5. Nothing is being recorded.',
    )
    await play(page, 'notice')
    await expect(page.locator('p[role=alert]')).toHaveText(
      /^Maya asks to record this call\. Nothing is recorded yet\. You have 8\d seconds to answer; no answer counts as no\./,
    )
    await expect(page.locator('output')).toHaveText('')
    await play(page, 'recording')
    await expect(page.locator('p[role=alert]')).toHaveText(
      'Recording has started. To withdraw, press Alt and W.',
    )
    await play(page, 'paused')
    await expect(page.locator('p[role=alert]')).toHaveText('Recording is paused')
    await play(page, 'recording')
    await expect(page.locator('p[role=alert]')).toHaveText('Recording goes on')
    await play(page, 'stopped')
    await expect(page.locator('p[role=alert]')).toHaveText('Recording has ended')
  })

  test('is reminded politely at half of the time and at twenty seconds, and not after answering', async ({
    page,
    open,
  }) => {
    await page.clock.install()
    await open('notice')
    await page.clock.runFor(43_000)
    await expect(page.locator('output')).toHaveText(
      '42 seconds left to answer the recording request',
    )
    await page.clock.runFor(22_000)
    await expect(page.locator('output')).toHaveText(
      '20 seconds left to answer the recording request',
    )
    await open('agreed')
    await page.clock.runFor(80_000)
    await expect(page.locator('output')).not.toContainText('left to answer')
  })
})

test.describe('keys', () => {
  test('Alt and a letter act, a letter alone does not', async ({ page, open }) => {
    await open('call')
    for (const key of ['m', 'v', 's', 'p', 'r', 'w', 'Enter']) await page.keyboard.press(key)
    await expect(page.getByRole('button', { name: 'Mute' })).toBeVisible()
    await expect(page.locator('aside.side')).toHaveCount(0)
    await page.keyboard.press('Alt+m')
    await expect(page.getByRole('button', { name: 'Unmute' })).toBeVisible()
    await page.keyboard.press('Alt+p')
    await expect(page.getByRole('complementary', { name: 'People (5)' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.locator('aside.side')).toHaveCount(0)
  })

  test('Space, held, lets one be heard while muted, and not a moment longer', async ({
    page,
    open,
  }) => {
    await open('call')
    await page.keyboard.press('Alt+m')
    await page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    })
    await page.keyboard.down('Space')
    await expect(page.getByRole('button', { name: 'Mute' })).toBeVisible()
    await page.keyboard.up('Space')
    await expect(page.getByRole('button', { name: 'Unmute' })).toBeVisible()
  })

  test('can be switched off, Escape aside', async ({ page, open }) => {
    await open('call')
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByLabel('Keyboard shortcuts').uncheck()
    await page.keyboard.press('Alt+m')
    await expect(page.getByRole('button', { name: 'Mute' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.locator('aside.side')).toHaveCount(0)
  })

  test('Tab goes from the record line to the sheet to the tools', async ({ page, open }) => {
    await open('late')
    await page.keyboard.press('Escape')
    await page.locator('.recline .btn').press('Enter')
    const order: string[] = []
    for (let step = 0; step < 8; step += 1) {
      await page.keyboard.press('Tab')
      order.push(
        await page.evaluate(
          () => document.activeElement?.closest('.recline, dialog, .bar')?.className ?? 'elsewhere',
        ),
      )
    }
    expect([...new Set(order)]).toEqual(['side letterwide', 'bar'])
  })
})

test.describe('a host', () => {
  test('asks with a purpose or not at all, and sees the notice first', async ({ page, open }) => {
    await open('host')
    await page.getByRole('button', { name: 'Ask to record' }).click()
    await page.getByRole('button', { name: 'Ask everyone' }).click()
    await expect(page.getByLabel('What is it for?')).toBeFocused()
    await expect(page.locator('.side').getByRole('alert')).toContainText(
      'Without a purpose nobody can agree',
    )
    expect(await asked(page)).toEqual([])
    await page.getByLabel('What is it for?').fill('Minutes for those who are away')
    await page.getByLabel('Shared screens').check()
    await page.getByRole('button', { name: 'See the notice first' }).click()
    await expect(page.getByRole('dialog')).toContainText('“Minutes for those who are away”')
    await expect(page.getByRole('dialog')).toContainText('Sound, cameras and shared screens.')
    await expect(page.locator('.answer')).toHaveCount(0)
    await page.getByRole('button', { name: 'Back to the request' }).click()
    await page.getByRole('button', { name: 'Ask everyone' }).click()
    await expect(page.getByRole('dialog')).toHaveCount(0)
    const asking = {
      purpose: 'Minutes for those who are away',
      media: { audio: true, video: true, screen: true },
      policy: 'everyone',
      retentionDays: 7,
      answerMs: 120_000,
      readers: ['maya', 'ines'],
    }
    expect(await asked(page)).toEqual([
      ['preview', asking],
      ['ask', asking],
    ])
  })

  test('is told why it cannot be asked', async ({ page, open }) => {
    await open('host')
    await page.getByRole('button', { name: 'Ask to record' }).click()
    await page.getByLabel('What is it for?').fill('Again')
    await page.evaluate(() => screens.refuse('ALREADY_ASKED'))
    await page.getByRole('button', { name: 'Ask everyone' }).click()
    await expect(page.locator('.side').getByRole('alert')).toContainText('It is not asked again.')
  })

  test('is asked before leaving ends a recording; nobody else is', async ({ page, open }) => {
    await open('recordingHost')
    await page.getByRole('button', { name: 'Leave' }).click()
    await expect(page.locator('.slip')).toContainText('Leaving ends the recording')
    await page.getByRole('button', { name: 'Stay' }).click()
    await play(page, 'recording')
    await page.getByRole('button', { name: 'Leave' }).click()
    await expect(page.getByRole('heading', { name: 'You have left the call' })).toBeVisible()
    expect(await asked(page)).toEqual([['leave']])
  })

  test('ends and pauses the recording that is theirs', async ({ page, open }) => {
    await open('recordingHost')
    await page.keyboard.press('Alt+r')
    await page.getByRole('button', { name: 'Pause recording' }).click()
    await page.getByRole('button', { name: 'End recording' }).click()
    expect(await asked(page)).toEqual([
      ['pause', expect.any(String)],
      ['stop', expect.any(String)],
    ])
    await play(page, 'recording')
    await expect(page.getByRole('button', { name: /End recording|Pause recording/ })).toHaveCount(0)
  })
})

test.describe('people', () => {
  test('the recorder stands in the list', async ({ page, open }) => {
    await open('recording')
    await page.keyboard.press('Alt+p')
    await expect(page.locator('.person').last()).toHaveText('Recorder is recording')
  })

  test('only those on the page are received', async ({ page, open }) => {
    await page.setViewportSize({ width: 390, height: 844 })
    await open('pages')
    await expect(page.locator('.tile')).toHaveCount(6)
    const watched = () =>
      page.evaluate(() => screens.call.acts.findLast(([name]) => name === 'watchOnly')?.[1])
    expect(await watched()).toHaveLength(6)
    const before = await watched()
    await page.getByRole('button', { name: 'Next page' }).click()
    await expect(page.locator('.pages')).toContainText('2 of 5')
    expect(await watched()).not.toEqual(before)
  })

  test('a shared screen that is not recorded says so', async ({ page, open }) => {
    await open('share')
    await expect(page.locator('.share-screen figcaption')).toHaveText(
      'Ines shares a screen' + 'not recorded',
    )
  })
})

test.describe('the door', () => {
  test('asks for a name only where the sign-in gives none', async ({ page, open }) => {
    await open('join')
    await expect(page.getByRole('button', { name: 'Join as Tomas' })).toBeVisible()
    await open('join', { more: '&name=own' })
    await page.getByLabel('Your name').fill('Ada')
    await expect(page.getByRole('button', { name: 'Join as Ada' })).toBeVisible()
  })

  test('says what is wrong with the camera, and lets one join without', async ({ page, open }) => {
    await page.addInitScript(() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      navigator.mediaDevices.getUserMedia = (wish) =>
        wish?.video === undefined
          ? open(wish)
          : Promise.reject(new DOMException('no', 'NotAllowedError'))
    })
    await open('join')
    await expect(page.locator('.note.care')).toContainText('Your browser blocks the camera.')
    await expect(page.getByRole('button', { name: 'Microphone on' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Join as Tomas' })).toBeEnabled()
  })

  test('says that no microphone was found', async ({ page, open }) => {
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException('none', 'NotFoundError'))
    })
    await open('join')
    await expect(page.locator('.note.care')).toContainText([
      'No microphone found.',
      'No camera found.',
    ])
  })

  test('says that the server cannot be reached, and can be tried again', async ({ page, open }) => {
    await open('join', { more: '&enter=fails' })
    await page.getByRole('button', { name: 'Join as Tomas' }).click()
    await expect(page.getByRole('alert')).toContainText('The server cannot be reached.')
    await expect(page.getByRole('button', { name: 'Join as Tomas' })).toBeEnabled()
  })
})

for (const colorScheme of ['light', 'dark'] as const) {
  // What axe looks at beside colours does not change with them.
  const rules = colorScheme === 'dark' ? ['color-contrast'] : []
  test.describe(`axe finds nothing, ${colorScheme}`, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } })
    for (const size of [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ]) {
      test(`in any state of the call at ${size.width} px`, async ({ page, open }) => {
        test.setTimeout(180_000)
        await page.setViewportSize(size)
        await open('call')
        const all: string[] = []
        for (const name of inCall) {
          await play(page, name)
          await page.locator('.recline').waitFor()
          all.push(...(await findings(page, rules)).map((finding) => `${name}: ${finding}`))
        }
        expect(all).toEqual([])
      })

      test(`at the door, at the end, in panels and forms at ${size.width} px`, async ({
        page,
        open,
      }) => {
        test.setTimeout(120_000)
        await page.setViewportSize(size)
        const all: string[] = []
        for (const name of ['join', 'noLink', 'endLeft', 'endExpired', 'endOther'] as const) {
          await open(name)
          all.push(...(await findings(page, rules)).map((finding) => `${name}: ${finding}`))
        }
        for (const [name, key] of [
          ['recordingEach', 'Alt+p'],
          ['recordingHost', 'Alt+r'],
          ['recordingOut', 'Alt+r'],
        ] as const) {
          await open(name)
          await page.keyboard.press(key)
          await page.locator('aside.side').waitFor()
          all.push(...(await findings(page, rules)).map((finding) => `${name} ${key}: ${finding}`))
        }
        await open('host')
        await page.getByRole('button', { name: 'More' }).click()
        all.push(...(await findings(page, rules)).map((finding) => `settings: ${finding}`))
        await page.getByRole('button', { name: 'Ask to record' }).first().click()
        all.push(...(await findings(page, rules)).map((finding) => `request: ${finding}`))
        await page.getByRole('button', { name: 'Ask everyone' }).click()
        all.push(
          ...(await findings(page, rules)).map((finding) => `request, incomplete: ${finding}`),
        )
        expect(all).toEqual([])
      })
    }
  })
}

for (const lang of languages) {
  test(`no text is left unspoken and nothing is wider than a phone (${lang})`, async ({
    page,
    open,
  }) => {
    await page.setViewportSize({ width: 360, height: 740 })
    await open('call', { lang })
    for (const name of inCall) {
      await play(page, name)
      await page.locator('.recline').waitFor()
      expect(await page.locator('body').innerText(), name).not.toMatch(/[{}]/)
      const wide = await page.evaluate(() =>
        [...document.querySelectorAll('.recline, .slip, .side, .bar, .tool, .answer, .btn')]
          .filter((node) => {
            const { left, right, width } = node.getBoundingClientRect()
            return width > 1 && (left < -1 || right > innerWidth + 1)
          })
          .map(({ className }) => className),
      )
      expect(wide, name).toEqual([])
    }
  })
}

test('L34 a request says that other people’s own devices are beyond this server, in each language', async ({
  page,
  open,
}) => {
  for (const lang of languages) {
    await open('notice', { lang })
    const { 'notice.limit.value': words } = await loadStrings(lang)
    await expect(page.getByText(words as string)).toBeInViewport()
  }
})

test('reduced motion leaves nothing moving', async ({ page, open }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await open('notice')
  await page.locator('.answer').first().hover()
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter(
        (node) => getComputedStyle(node).transitionDuration !== '0s',
      ).length,
  )
  expect(moving).toBe(0)
})

test('forced colours draw a border around the mark and the answers', async ({ page, open }) => {
  await page.emulateMedia({ forcedColors: 'active' })
  await open('recording')
  await expect(page.locator('.mark-rec')).toHaveCSS('border-top-width', '2px')
  await play(page, 'notice')
  await expect(page.locator('.answer').first()).toHaveCSS('border-top-style', 'solid')
})

for (const [name, zoom] of [
  ['half the window', { width: 640, height: 400 }],
  ['a small window', { width: 320, height: 256 }],
] as const) {
  test(`at 200 % or more both answers can be reached: ${name}`, async ({ page, open }) => {
    await page.setViewportSize(zoom)
    await open('notice')
    for (const answer of answers) {
      const button = page.getByRole('button', { name: answer })
      await button.scrollIntoViewIfNeeded()
      expect(await isHit(button)).toBe(true)
    }
  })
}

test('text twice as large cuts nothing off the record line', async ({ page, open }) => {
  await open('recordingEach')
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '200%'
  })
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll('.recline, .recline .say, .tool, .mark-rec')]
      .filter((node) => node.scrollWidth > node.clientWidth + 1)
      .map(({ className }) => className),
  )
  expect(cut).toEqual([])
})

test('text twice as large keeps the facts readable and both answers whole', async ({
  page,
  open,
}) => {
  await open('notice', { lang: 'de' })
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '200%'
  })
  for (const name of ['Ablehnen', 'Zustimmen']) {
    const answer = page.getByRole('button', { name })
    await answer.scrollIntoViewIfNeeded()
    expect(await isHit(answer)).toBe(true)
    expect(
      await answer.evaluate((node) => node.scrollWidth - node.clientWidth),
    ).toBeLessThanOrEqual(0)
  }
  const widths = await page
    .locator('.answer')
    .evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect().width))
  expect(widths[0]).toBeCloseTo(widths[1] ?? 0, 1)
  expect(await page.locator('.side-body').evaluate((body) => body.clientHeight)).toBeGreaterThan(
    120,
  )
})
