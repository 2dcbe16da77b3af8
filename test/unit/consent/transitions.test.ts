import { describe, expect, test } from 'vitest'
import type { Consent } from '#consent'
import { inputs, reach } from './inputs.ts'
import { outcome } from './outcome.ts'

type Row = Partial<Record<keyof typeof inputs, string>>

/**
 * Every state met by every input at time 50, under both policies. A cell that is not written here must be '-': the very
 * same state comes back and nothing is asked of the outside. alice, bob and the host are in the call.
 */
const table: Record<'everyone' | 'each', Record<Consent['state'], Row>> = {
  everyone: {
    idle: {
      ask: 'requesting: log(host+alice+bob asked)',
      'ask for another purpose': 'requesting: log(host+alice+bob asked)',
    },
    requesting: {
      'request logged': 'asking:',
      'someone joins': 'requesting: log(late asked)',
      'a minor joins': 'requesting:',
      'someone never recorded joins': 'requesting:',
      'alice is never recorded now': 'requesting:',
      'alice is lost': 'requesting:',
      'alice leaves': 'requesting:',
      'bob leaves': 'requesting:',
      'host leaves': 'ended(hostLeft): log(over: hostLeft)',
      'host cancels': 'ended(cancelled): log(over: cancelled)',
      'notice changes': 'requesting: log(host+alice+bob asked)',
      'log fails': 'ended(logFailed): log(over: logFailed)',
    },
    asking: {
      'host agrees': 'asking: log(host given by click)',
      'alice declines': 'settling(declined): log(alice withdrawn by click)',
      'alice withdraws': 'settling(declined): log(alice withdrawn by click)',
      'bob agrees': 'asking: log(bob given by click)',
      'bob declines': 'settling(declined): log(bob refused by click)',
      'bob declines without his signature': 'settling(declined): log(bob refused by click, unsigned)',
      'someone joins': 'asking: log(late asked)',
      'a minor joins': 'settling(declined):',
      'someone never recorded joins': 'settling(declined):',
      'alice is never recorded now': 'settling(declined):',
      'alice is lost': 'asking:',
      'alice leaves': 'asking:',
      'bob leaves': 'settling(declined): log(bob refused by disconnect)',
      'host leaves': 'ended(hostLeft): log(host refused by disconnect), log(over: hostLeft)',
      'host cancels': 'ended(cancelled): log(over: cancelled)',
      'notice changes': 'asking: log(host+alice+bob asked)',
      'log fails': 'ended(logFailed): log(over: logFailed)',
    },
    settling: {
      'alice declines': 'settling(declined): log(alice withdrawn by click)',
      'alice withdraws': 'settling(declined): log(alice withdrawn by click)',
      'bob declines': 'settling(declined): log(bob withdrawn by click)',
      'bob declines without his signature': 'settling(declined): log(bob withdrawn by click, unsigned)',
      'someone joins': 'asking: log(late asked)',
      'a minor joins': 'settling(declined):',
      'someone never recorded joins': 'settling(declined):',
      'alice is never recorded now': 'settling(declined):',
      'alice is lost': 'settling(agreed):',
      'alice leaves': 'settling(agreed):',
      'bob leaves': 'settling(agreed):',
      'host leaves': 'ended(hostLeft): log(over: hostLeft)',
      'host cancels': 'ended(cancelled): log(over: cancelled)',
      'notice changes': 'asking: log(host+alice+bob asked)',
      'log fails': 'ended(logFailed): log(over: logFailed)',
      tick: 'opening: log(gate 1 for host+alice+bob)',
    },
    opening: {
      'alice declines':
        'ended(notAll): log(alice withdrawn by click), log(closed: notAll), log(over: notAll), finish',
      'alice withdraws':
        'ended(notAll): log(alice withdrawn by click), log(closed: notAll), log(over: notAll), finish',
      'bob declines':
        'ended(notAll): log(bob withdrawn by click), log(closed: notAll), log(over: notAll), finish',
      'bob declines without his signature':
        'ended(notAll): log(bob withdrawn by click, unsigned), log(closed: notAll), log(over: notAll), finish',
      'gate 1 logged': 'recording: show(host+alice+bob)',
      'someone joins': 'paused(joined): log(late asked), log(closed: joined)',
      'a minor joins': 'ended(notAll): log(closed: notAll), log(over: notAll), finish',
      'someone never recorded joins': 'ended(notAll): log(closed: notAll), log(over: notAll), finish',
      'alice is never recorded now':
        'ended(notAll): log(closed: notAll), log(over: notAll), finish',
      'alice is lost': 'opening:',
      'alice leaves': 'opening:',
      'bob leaves': 'opening:',
      'host leaves': 'ended(hostLeft): log(closed: hostLeft), log(over: hostLeft), finish',
      'host pauses': 'paused(host): log(closed: host)',
      'host stops': 'ended(stopped): log(closed: stopped), log(over: stopped), finish',
      'alice takes over': 'opening: log(host is alice)',
      'notice changes': 'paused(notice): log(closed: notice), log(host+alice+bob asked)',
      'log fails': 'ended(logFailed): log(closed: logFailed), log(over: logFailed), finish',
      'recorder fails':
        'ended(recorderFailed): log(closed: recorderFailed), log(over: recorderFailed), finish',
    },
    recording: {
      'alice declines':
        'ended(notAll): release, log(alice withdrawn by click), log(closed: notAll), endInterval, log(over: notAll), finish',
      'alice withdraws':
        'ended(notAll): release, log(alice withdrawn by click), log(closed: notAll), endInterval, log(over: notAll), finish',
      'bob declines':
        'ended(notAll): release, log(bob withdrawn by click), log(closed: notAll), endInterval, log(over: notAll), finish',
      'bob declines without his signature':
        'ended(notAll): release, log(bob withdrawn by click, unsigned), log(closed: notAll), endInterval, log(over: notAll), finish',
      'someone joins': 'paused(joined): release, log(late asked), log(closed: joined), endInterval',
      'a minor joins':
        'ended(notAll): release, log(closed: notAll), endInterval, log(over: notAll), finish',
      'someone never recorded joins':
        'ended(notAll): release, log(closed: notAll), endInterval, log(over: notAll), finish',
      'alice opens a second page': 'recording: release(alice), show(alice)',
      'alice is never recorded now':
        'ended(notAll): release, log(closed: notAll), endInterval, log(over: notAll), finish',
      'alice is lost': 'recording: release(alice)',
      'alice is back': 'recording: release(alice), show(alice)',
      'alice leaves': 'recording: release(alice)',
      'bob leaves': 'recording: release(bob)',
      'host leaves':
        'ended(hostLeft): release, log(closed: hostLeft), endInterval, log(over: hostLeft), finish',
      'host pauses': 'paused(host): release, log(closed: host), endInterval',
      'host stops':
        'ended(stopped): release, log(closed: stopped), endInterval, log(over: stopped), finish',
      'alice takes over': 'recording: log(host is alice)',
      'notice changes':
        'paused(notice): release, log(closed: notice), endInterval, log(host+alice+bob asked)',
      'log fails':
        'ended(logFailed): release, log(closed: logFailed), endInterval, log(over: logFailed), finish',
      'recorder fails':
        'ended(recorderFailed): release, log(closed: recorderFailed), endInterval, log(over: recorderFailed), finish',
    },
    paused: {
      'alice declines': 'ended(notAll): log(alice withdrawn by click), log(over: notAll), finish',
      'alice withdraws': 'ended(notAll): log(alice withdrawn by click), log(over: notAll), finish',
      'bob declines': 'ended(notAll): log(bob withdrawn by click), log(over: notAll), finish',
      'bob declines without his signature': 'ended(notAll): log(bob withdrawn by click, unsigned), log(over: notAll), finish',
      'someone joins': 'paused(host): log(late asked)',
      'a minor joins': 'ended(notAll): log(over: notAll), finish',
      'someone never recorded joins': 'ended(notAll): log(over: notAll), finish',
      'alice is never recorded now': 'ended(notAll): log(over: notAll), finish',
      'alice is lost': 'paused(host):',
      'alice leaves': 'paused(host):',
      'bob leaves': 'paused(host):',
      'host leaves': 'ended(hostLeft): log(over: hostLeft), finish',
      'host pauses': 'paused(host):',
      'host resumes': 'opening: log(gate 2 for host+alice+bob)',
      'host stops': 'ended(stopped): log(over: stopped), finish',
      'alice takes over': 'paused(host): log(host is alice)',
      'notice changes': 'paused(notice): log(host+alice+bob asked)',
      'log fails': 'ended(logFailed): log(over: logFailed), finish',
      'recorder fails': 'ended(recorderFailed): log(over: recorderFailed), finish',
    },
    ended: {
      ask: 'requesting: log(host+alice+bob asked)',
      'ask for another purpose': 'requesting: log(host+alice+bob asked)',
    },
  },
  each: {
    idle: {
      ask: 'requesting: log(host+alice+bob asked)',
      'ask for another purpose': 'requesting: log(host+alice+bob asked)',
    },
    requesting: {
      'request logged': 'asking:',
      'someone joins': 'requesting: log(late asked)',
      'a minor joins': 'requesting:',
      'someone never recorded joins': 'requesting:',
      'alice is never recorded now': 'requesting:',
      'alice is lost': 'requesting:',
      'alice leaves': 'requesting:',
      'bob leaves': 'requesting:',
      'host leaves': 'ended(hostLeft): log(over: hostLeft)',
      'host cancels': 'ended(cancelled): log(over: cancelled)',
      'notice changes': 'requesting: log(host+alice+bob asked)',
      'log fails': 'ended(logFailed): log(over: logFailed)',
    },
    asking: {
      'host agrees': 'asking: log(host given by click)',
      'alice declines': 'asking: log(alice withdrawn by click)',
      'alice withdraws': 'asking: log(alice withdrawn by click)',
      'bob agrees': 'asking: log(bob given by click)',
      'bob declines': 'asking: log(bob refused by click)',
      'bob declines without his signature': 'asking: log(bob refused by click, unsigned)',
      'someone joins': 'asking: log(late asked)',
      'a minor joins': 'asking:',
      'someone never recorded joins': 'asking:',
      'alice is never recorded now': 'asking:',
      'alice is lost': 'asking:',
      'alice leaves': 'asking:',
      'bob leaves': 'asking: log(bob refused by disconnect)',
      'host leaves': 'ended(hostLeft): log(host refused by disconnect), log(over: hostLeft)',
      'host cancels': 'ended(cancelled): log(over: cancelled)',
      'notice changes': 'asking: log(host+alice+bob asked)',
      'log fails': 'ended(logFailed): log(over: logFailed)',
    },
    settling: {
      'alice declines': 'settling(agreed): log(alice withdrawn by click)',
      'alice withdraws': 'settling(agreed): log(alice withdrawn by click)',
      'bob agrees': 'asking: log(bob given by click)',
      'someone joins': 'asking: log(late asked)',
      'a minor joins': 'settling(agreed):',
      'someone never recorded joins': 'settling(agreed):',
      'alice is never recorded now': 'settling(agreed):',
      'alice is lost': 'settling(agreed):',
      'alice leaves': 'settling(agreed):',
      'bob leaves': 'settling(agreed):',
      'host leaves': 'ended(hostLeft): log(over: hostLeft)',
      'host cancels': 'ended(cancelled): log(over: cancelled)',
      'notice changes': 'asking: log(host+alice+bob asked)',
      'log fails': 'ended(logFailed): log(over: logFailed)',
      tick: 'opening: log(gate 1 for host+alice)',
    },
    opening: {
      'alice declines': 'opening: log(alice withdrawn by click)',
      'alice withdraws': 'opening: log(alice withdrawn by click)',
      'bob agrees': 'opening: log(bob given by click)',
      'gate 1 logged': 'recording: show(host+alice)',
      'someone joins': 'opening: log(late asked)',
      'a minor joins': 'opening:',
      'someone never recorded joins': 'opening:',
      'alice is never recorded now': 'opening:',
      'alice is lost': 'opening:',
      'alice leaves': 'opening:',
      'bob leaves': 'opening:',
      'host leaves': 'ended(hostLeft): log(closed: hostLeft), log(over: hostLeft), finish',
      'host pauses': 'paused(host): log(closed: host)',
      'host stops': 'ended(stopped): log(closed: stopped), log(over: stopped), finish',
      'alice takes over': 'opening: log(host is alice)',
      'notice changes': 'paused(notice): log(closed: notice), log(host+alice+bob asked)',
      'log fails': 'ended(logFailed): log(closed: logFailed), log(over: logFailed), finish',
      'recorder fails':
        'ended(recorderFailed): log(closed: recorderFailed), log(over: recorderFailed), finish',
    },
    recording: {
      'alice declines': 'recording: release(alice), log(alice withdrawn by click)',
      'alice withdraws': 'recording: release(alice), log(alice withdrawn by click)',
      'bob agrees': 'recording: log(bob given by click)',
      'someone joins': 'recording: log(late asked)',
      'a minor joins': 'recording:',
      'someone never recorded joins': 'recording:',
      'alice opens a second page': 'recording: release(alice), show(alice)',
      'alice is never recorded now': 'recording: release(alice)',
      'alice is lost': 'recording: release(alice)',
      'alice is back': 'recording: release(alice), show(alice)',
      'alice leaves': 'recording: release(alice)',
      'bob leaves': 'recording:',
      'host leaves':
        'ended(hostLeft): release, log(closed: hostLeft), endInterval, log(over: hostLeft), finish',
      'host pauses': 'paused(host): release, log(closed: host), endInterval',
      'host stops':
        'ended(stopped): release, log(closed: stopped), endInterval, log(over: stopped), finish',
      'alice takes over': 'recording: log(host is alice)',
      'notice changes':
        'paused(notice): release, log(closed: notice), endInterval, log(host+alice+bob asked)',
      'log fails':
        'ended(logFailed): release, log(closed: logFailed), endInterval, log(over: logFailed), finish',
      'recorder fails':
        'ended(recorderFailed): release, log(closed: recorderFailed), endInterval, log(over: recorderFailed), finish',
    },
    paused: {
      'alice declines': 'paused(host): log(alice withdrawn by click)',
      'alice withdraws': 'paused(host): log(alice withdrawn by click)',
      'bob agrees': 'paused(host): log(bob given by click)',
      'someone joins': 'paused(host): log(late asked)',
      'a minor joins': 'paused(host):',
      'someone never recorded joins': 'paused(host):',
      'alice is never recorded now': 'paused(host):',
      'alice is lost': 'paused(host):',
      'alice leaves': 'paused(host):',
      'bob leaves': 'paused(host):',
      'host leaves': 'ended(hostLeft): log(over: hostLeft), finish',
      'host pauses': 'paused(host):',
      'host resumes': 'opening: log(gate 2 for host+alice)',
      'host stops': 'ended(stopped): log(over: stopped), finish',
      'alice takes over': 'paused(host): log(host is alice)',
      'notice changes': 'paused(notice): log(host+alice+bob asked)',
      'log fails': 'ended(logFailed): log(over: logFailed), finish',
      'recorder fails': 'ended(recorderFailed): log(over: recorderFailed), finish',
    },
    // bob said no: the same is not asked again.
    ended: {
      'ask for another purpose': 'requesting: log(host+alice+bob asked)',
    },
  },
}

const cells = (['everyone', 'each'] as const).flatMap((policy) =>
  Object.entries(reach(policy)).flatMap(([state, before]) =>
    Object.entries(inputs).map(([name, input]) => ({
      policy,
      state,
      name,
      before,
      input,
      want: table[policy][before.state][name as keyof typeof inputs] ?? '-',
    })),
  ),
)

describe('consent', () => {
  test('the scene reaches every state of the table', () => {
    for (const policy of ['everyone', 'each'] as const) {
      const reached = Object.entries(reach(policy))
      expect(reached.map(([name, { state }]) => [name, state])).toEqual(
        Object.keys(table[policy]).map((name) => [name, name]),
      )
    }
  })

  test.each(cells)('$policy: $state + $name -> $want', ({ before, input, want }) => {
    expect(outcome(before, input)).toBe(want)
  })
})
