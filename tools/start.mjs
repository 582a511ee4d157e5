import module from 'node:module';
import { fileURLToPath } from 'node:url';

// Before anything else is loaded: what Node makes of the sources (without their types, compiled) is kept from one start to the next.
// Later starts take 60% of the time, and need no memory for what takes the types away. The folder is the project's own: whoever can write
// to it says what runs.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.compiled', import.meta.url)));
await import('../src/main.ts');
