import { randomInt } from 'node:crypto';

/** Without characters that are mistaken for each other. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const LENGTH_CHARACTERS = 12;

/** Told to the caller once, in the answer, and written nowhere. */
export function newAdminPassword(): string {
  return Array.from({ length: LENGTH_CHARACTERS }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
}
