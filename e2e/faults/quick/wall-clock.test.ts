import { testFaults } from '../test-faults.ts';
import { clockMoves } from '../wall-clock.ts';

testFaults([clockMoves('8.1', 'leader', 5500)]);
