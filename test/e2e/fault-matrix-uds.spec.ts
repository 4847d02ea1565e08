import { matrixOf } from './fault-matrix/matrix-of.js';

matrixOf('uds');
