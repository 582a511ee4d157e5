import { expect, test } from 'vitest';
import { eventSubject, eventType } from '../../src/events/catalogue.ts';

const published = {
  'number.activated': ['NUMBER_ACTIVATED', 'NUMBER'],
  'number.suspended': ['NUMBER_SUSPENDED', 'NUMBER'],
  'number.released': ['NUMBER_RELEASED', 'NUMBER'],
  'regulatory.approved': ['REGULATORY_APPROVED', 'NUMBER'],
  'regulatory.rejected': ['REGULATORY_REJECTED', 'NUMBER'],
  'trunk.registered': ['TRUNK_REGISTERED', 'TRUNK'],
  'trunk.offline': ['TRUNK_OFFLINE', 'TRUNK'],
  'message.received': ['MESSAGE_RECEIVED', 'MESSAGE'],
};

for (const [name, [type, subject]] of Object.entries(published))
  test(`${name} is ${type}, about a ${subject}`, () => {
    expect(eventType(name)).toBe(type);
    expect(eventSubject(eventType(name))).toBe(subject);
  });

for (const name of ['number.renamed', 'NUMBER.ACTIVATED', 'constructor', '__proto__', ''])
  test(`${JSON.stringify(name)} is UNKNOWN`, () => {
    expect(eventType(name)).toBe('UNKNOWN');
    expect(eventSubject(eventType(name))).toBe('UNKNOWN');
  });
