import { describe, expect, it } from 'vitest';
import { junitXml } from '../../src/cli/views/junit.js';
import { fakeReplay } from './fake-engine.js';

describe('the JUnit report', () => {
  it('has a test case for each side of each scenario', () => {
    const expected = fakeReplay({ scenario: 'as-expected', fixedBy: null, verdict: 'as expected' });
    expect(junitXml([fakeReplay(), expected])).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites tests="3" failures="0" errors="0" skipped="0">
        <testsuite name="jiffies replay" tests="3" failures="0" errors="0" skipped="0">
          <testcase classname="2005-07-gc-backoff" name="before at 6775cab98b89">
            <system-out>412 allocations failed</system-out>
          </testcase>
          <testcase classname="2005-07-gc-backoff" name="after at f0098f7863f8">
            <system-out>no allocation failed</system-out>
          </testcase>
          <testcase classname="as-expected" name="run at 6775cab98b89">
            <system-out>412 allocations failed</system-out>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it('tells what failed, on its side', () => {
    const still = fakeReplay({ verdict: 'still there', after: { ...fakeReplay().before, shownBy: '<7 & "8"' } });
    const failed = { before: ['no leak; found 1 (x.yaml:1:1)', 'second'], after: [] };
    const text = junitXml([still, fakeReplay({ verdict: 'expectation failed', failed })]);
    expect(text).toContain('<testsuite name="jiffies replay" tests="4" failures="2" errors="0" skipped="0">');
    expect(text).toContain('message="still there: the bug is still there: &lt;7 &amp; &quot;8&quot;"');
    expect(text).toContain('message="expectation failed: no leak; found 1 (x.yaml:1:1)"');
    expect(text).toContain('\nsecond\n');
  });

  it('has nothing in it that XML cannot hold', () => {
    const shownBy = 'a\x00b\x1b[2Jc\ufffed\ud800e\u202ef';
    const text = junitXml([fakeReplay({ before: { ...fakeReplay().before, shownBy } })]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\ufffe\uffff\u202e]|\p{Surrogate}/u);
    expect(text).toContain('a\\x00b\\x1b[2Jc\ufffdd');
  });
});
