import { stop } from './docker-engine';

export default stop;
