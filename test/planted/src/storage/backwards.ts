// An import that runs back: the test command must find it, or its checker reads nothing.
import { above } from '../server/above.ts';

export const below = !above;
