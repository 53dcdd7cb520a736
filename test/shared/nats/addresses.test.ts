/** @file Addresses of servers: what is read from them, and that what is shown holds no user and no password. */
import { describe, expect, test } from 'vitest';
import { addressesOf, withoutUser } from '../../../src/shared/nats/addresses.ts';

describe('addressesOf', () => {
  test.each([
    ['host', { servers: ['host:4222'] }],
    ['nats://host:99', { servers: ['host:99'], tls: false }],
    ['tls://host', { servers: ['host:4222'], tls: true }],
    ['nats://[::1]:5', { servers: ['[::1]:5'], hosts: ['::1'] }],
    ['a:1, nats://b', { servers: ['a:1', 'b:4222'] }],
    ['nats://u:p%40%3A@h', { servers: ['h:4222'], user: 'u', password: 'p@:' }],
    ['u:pw@h', { servers: ['h:4222'], user: 'u', password: 'pw' }],
  ])('%s', (text, expected) => {
    expect(addressesOf(text)).toMatchObject(expected);
  });
});

test.each([
  'nats://user:secret@host:1',
  'user:secret@host:1',
  'nats://user:secret@host:x',
  'nats://user:sec/ret@host',
  'user:sec,ret@host',
  'nats://user:se@cret@host',
  'nats://user:secret@a,tls://user:secret@b:5',
  'nats://user:%secret@host',
  'nats://secret@',
])('%s is shown, and refused, without its user', text => {
  let shown = withoutUser(text);
  try {
    addressesOf(text);
  } catch (error) {
    shown += (error as Error).message.replace(/;.*/, '');
  }
  expect(shown).not.toMatch(/user:|sec|cret|ret@/);
});
