/** What is written for what: the same rows are read in Bun and in a browser. */

import {
  formatAmount,
  formatAxisDay,
  formatAxisPrice,
  formatChange,
  formatChangeSize,
  formatClock,
  formatDate,
  formatDateTime,
  formatFng,
  formatPrice,
  formatPriceParts,
  formatRsi,
  formatShare,
  formatZonedClock,
  zoneOffsetMs,
} from './index.ts';

/** A name, what is written and what must be, with `~` for a non-breaking space. */
export type Written = readonly [name: string, actual: string, expected: string];

const SAIGON = 'Asia/Ho_Chi_Minh';
/** 2026-11-24 07:00:05 UTC. */
const AT = Date.UTC(2026, 10, 24, 7, 0, 5);
/** 2026-01-02 23:30:00 UTC, already the third in Saigon. */
const EARLY = Date.UTC(2026, 0, 2, 23, 30);

const price = (value: number, vi: string, en: string): Written[] => [
  [`price ${value} vi`, formatPrice(value, 'vi'), `${vi}~US$`],
  [`price ${value} en`, formatPrice(value, 'en'), `$${en}`],
];

const parts = ({ number, unit, text }: { number: string; unit: string; text: string }) =>
  `${number}|${unit}|${text}`;

const amount = (
  value: number,
  vi: string,
  viUnit: string,
  en: string,
  enUnit: string,
): Written[] => [
  [`amount ${value} vi`, parts(formatAmount(value, 'vi')), `${vi}|${viUnit}|${vi}~${viUnit}`],
  [`amount ${value} en`, parts(formatAmount(value, 'en')), `${en}|${enUnit}|${en}${enUnit}`],
];

const change = (value: number, vi: string, en: string): Written[] => [
  [`change ${value} vi`, formatChange(value, 'vi').whole, vi],
  [`change ${value} en`, formatChange(value, 'en').whole, en],
];

const pair = (
  name: string,
  vi: string,
  en: string,
  viExpected: string,
  enExpected: string,
): Written[] => [
  [`${name} vi`, vi, viExpected],
  [`${name} en`, en, enExpected],
];

const prices = (): Written[] => [
  ...price(77705, '77.705,00', '77,705.00'),
  ...price(1234567.8, '1.234.568', '1,234,568'),
  ...price(1e15, '1.000.000.000.000.000', '1,000,000,000,000,000'),
  ...price(100000, '100.000', '100,000'),
  ...price(99999.995, '100.000', '100,000'),
  ...price(99999.994, '99.999,99', '99,999.99'),
  ...price(1, '1,00', '1.00'),
  ...price(0.99996, '1,00', '1.00'),
  ...price(0.99994, '0,9999', '0.9999'),
  ...price(0.5123, '0,5123', '0.5123'),
  ...price(0.01, '0,0100', '0.0100'),
  ...price(0.0099996, '0,0100', '0.0100'),
  ...price(0.00999, '0,009990', '0.009990'),
  ...price(0.0000123, '0,000012', '0.000012'),
  ...price(0.000000123, '0,00000012', '0.00000012'),
  ...pair(
    'parts of a price',
    parts(formatPriceParts(77705, 'vi')),
    parts(formatPriceParts(77705, 'en')),
    '77.705,00|US$|77.705,00~US$',
    '$77,705.00||$77,705.00',
  ),
];

const amounts = (): Written[] => [
  ...amount(2621040321355.0405, '2,62', 'nghìn~tỷ~US$', '$2.62', 'T'),
  ...amount(95133256404.37308, '95,13', 'tỷ~US$', '$95.13', 'B'),
  ...amount(999995000000, '1,00', 'nghìn~tỷ~US$', '$1.00', 'T'),
  ...amount(999994999999, '999,99', 'tỷ~US$', '$999.99', 'B'),
  ...amount(262e12, '262,00', 'nghìn~tỷ~US$', '$262.00', 'T'),
  ...amount(1e16, '10.000,00', 'nghìn~tỷ~US$', '$10,000.00', 'T'),
  ...amount(1500000, '1,50', 'triệu~US$', '$1.50', 'M'),
  ...amount(1234, '1,23', 'nghìn~US$', '$1.23', 'K'),
  [`amount 950 vi`, parts(formatAmount(950, 'vi')), '950,00|US$|950,00~US$'],
  [`amount 950 en`, parts(formatAmount(950, 'en')), '$950.00||$950.00'],
];

const changes = (): Written[] => [
  ...change(-1.41, '▼~−1,41%', '▼~−1.41%'),
  ...change(1.41, '▲~+1,41%', '▲~+1.41%'),
  ...change(0, '0,00%', '0.00%'),
  ...change(-0, '0,00%', '0.00%'),
  ...change(-0.004, '0,00%', '0.00%'),
  ...change(0.004, '0,00%', '0.00%'),
  ...change(0.005, '▲~+0,01%', '▲~+0.01%'),
  ...change(-0.005, '▼~−0,01%', '▼~−0.01%'),
  ...change(-100, '▼~−100,00%', '▼~−100.00%'),
  ...change(1000, '▲~+1.000,00%', '▲~+1,000.00%'),
  ...pair('size', formatChangeSize(-1.41, 'vi'), formatChangeSize(-1.41, 'en'), '1,41%', '1.41%'),
];

const axis = (): Written[] => [
  ...pair(
    'axis',
    formatAxisPrice(77_705.4, 'vi'),
    formatAxisPrice(77_705.4, 'en'),
    '77.705',
    '77,705',
  ),
  ...pair('low axis', formatAxisPrice(0, 'vi'), formatAxisPrice(-5, 'en'), '0', '-5'),
];

const offsets = (): Written[] =>
  (
    [
      ['UTC', AT, '0'],
      [SAIGON, AT, '25200000'],
      ['America/St_Johns', AT, '-12600000'],
      ['America/New_York', AT, '-18000000'],
      ['America/New_York', Date.UTC(2026, 6, 1), '-14400000'],
      ['Africa/Monrovia', AT, '0'],
    ] as const
  ).map(([zone, ms, expected]) => [`offset of ${zone}`, `${zoneOffsetMs(ms, zone)}`, expected]);

const gauges = (): Written[] => [
  ...pair('share', formatShare(57.95, 'vi'), formatShare(57.95, 'en'), '57,95%', '57.95%'),
  ...pair('whole', formatShare(100, 'vi'), formatShare(100, 'en'), '100,00%', '100.00%'),
  ...pair('RSI', formatRsi(33.45, 'vi'), formatRsi(33.45, 'en'), '33,45', '33.45'),
  ...pair('round RSI', formatRsi(50, 'vi'), formatRsi(50, 'en'), '50,00', '50.00'),
  ...pair('F&G', formatFng(26, 'vi'), formatFng(26, 'en'), '26', '26'),
];

type TimeFormat = (ms: number, language: 'vi' | 'en', timeZone: string) => string;

const time = (name: string, format: TimeFormat, ms: number, vi: string, en: string): Written[] =>
  pair(name, format(ms, 'vi', SAIGON), format(ms, 'en', SAIGON), vi, en);

const times = (): Written[] => [
  ...time('clock', formatClock, AT, '14:00', '14:00'),
  ...time('clock of midnight', formatClock, Date.UTC(2026, 10, 23, 17), '00:00', '00:00'),
  ...time('zoned clock', formatZonedClock, AT, '14:00 GMT+7', '14:00 GMT+7'),
  ...time('date', formatDate, AT, '24/11/2026', 'Nov 24, 2026'),
  ...time('date of one digit', formatDate, EARLY, '03/01/2026', 'Jan 3, 2026'),
  ...time('axis', formatAxisDay, AT, '24/11', 'Nov 24'),
  ...time('axis of one digit', formatAxisDay, EARLY, '3/1', 'Jan 3'),
  ...time('paper', formatDateTime, AT, '14:00:05 GMT+7 24/11/2026', 'Nov 24, 2026, 14:00:05 GMT+7'),
  ['UTC vi', formatZonedClock(AT, 'vi', 'UTC'), '07:00 UTC'],
  ['UTC en', formatZonedClock(AT, 'en', 'UTC'), '07:00 UTC'],
];

/** All rows. */
export const written = (): readonly Written[] => [
  ...prices(),
  ...amounts(),
  ...changes(),
  ...axis(),
  ...offsets(),
  ...gauges(),
  ...times(),
];
