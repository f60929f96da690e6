import * as fs from 'fs';
import * as path from 'path';
import { DAYS, Fate, history } from './history';

const LEFT = 130;
const DAY_WIDTH = 2.6;
const ROW = 26;
const TOP = 60;
const WIDTH = LEFT + DAYS * DAY_WIDTH + 250;

const PICTURE = path.join(__dirname, '..', '..', 'docs', 'what-gets-deleted.svg');

const [HERE, ARCHIVE, GONE, INK] = ['#2f6f9f', '#b9c4cc', '#b3362b', '#24292f'];

/** Draws each image as a bar for its lifetime, with the rule that deletes it. */
export function picture(fates: Fate[] = history()): string {
  const height = TOP + fates.length * ROW + 40;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    '<text x="16" y="24" font-size="15">What becomes of which image, day by day, as the simulator tells it</text>',
    legend(),
    ...[0, 60, 120, 180, DAYS].map(day => tick(day, height)),
    ...fates.flatMap(row),
    '</svg>',
    '',
  ].join('\n');
}

function legend(): string {
  const entry = (x: number, color: string, words: string) => `<rect x="${x}" y="36" width="14" height="10" fill="${color}"/><text x="${x + 20}" y="45">${words}</text>`;
  return entry(16, HERE, 'at hand') + entry(100, ARCHIVE, 'in the archive') + entry(220, GONE, 'deleted');
}

function tick(day: number, height: number): string {
  const x = xOf(day);
  return `<line x1="${x}" y1="${TOP - 6}" x2="${x}" y2="${height - 30}" stroke="#d0d7de"/><text x="${x}" y="${height - 14}" text-anchor="middle">day ${day}</text>`;
}

function row({ name, pushed, archived, expired, deployedAgain, rule }: Fate, position: number): string[] {
  const y = TOP + position * ROW;
  const end = expired ?? DAYS;
  return [
    `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${name}</text>`,
    bar(pushed, archived ?? end, y, HERE),
    ...(archived === undefined ? [] : [bar(archived, end, y, ARCHIVE)]),
    ...(deployedAgain === undefined ? [] : [`<circle cx="${xOf(deployedAgain)}" cy="${y + 10}" r="4" fill="white"/><text x="${xOf(deployedAgain) + 9}" y="${y + 14}" fill="white">deployed again: kept for good</text>`]),
    ...(expired === undefined ? [] : [`<rect x="${xOf(expired) - 2}" y="${y}" width="4" height="20" fill="${GONE}"/>`]),
    ...(rule === undefined ? [] : [`<text x="${xOf(end) + 8}" y="${y + 14}" font-size="11">${rule}</text>`]),
  ];
}

function bar(from: number, to: number, y: number, color: string): string {
  return `<rect x="${xOf(from)}" y="${y + 3}" width="${xOf(to) - xOf(from)}" height="14" fill="${color}"/>`;
}

function xOf(day: number): number {
  return Math.round((LEFT + day * DAY_WIDTH) * 10) / 10;
}

if (require.main === module) {
  fs.writeFileSync(PICTURE, picture());
}
