/** In a file of its own, so that it runs beside the others. */
import { longest, testEverywhere } from './matrix.js';

testEverywhere(longest);
