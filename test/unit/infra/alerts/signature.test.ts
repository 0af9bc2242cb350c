import { expect, test } from 'vitest';
import { signed } from '../../../../infra/alerts/signature.ts';

test('is that of the example of Standard Webhooks', () => {
  expect(signed('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}')).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('a secret without the prefix is its text', () => {
  const encoded = Buffer.from('any text').toString('base64');
  expect(signed('any text', 'a', 1, '{}')).toEqual(signed(`whsec_${encoded}`, 'a', 1, '{}'));
});
