import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { CSV_HEADER, readCsv } from './csv-file.ts';
import { checkHistory } from './import-history.ts';
import type { FileFormat } from './moved-row.ts';
import { readLines } from './read-lines.ts';
import { NOW_S } from './test-rows.ts';
import { WrongFile } from './wrong-file.ts';

const check = (format: FileFormat, text: string | Buffer) =>
  checkHistory({ format, chunks: () => [Buffer.from(text)] }, NOW_S);

/** The line that is said to be wrong, and why; or how many rows there are. */
function verdict(format: FileFormat, text: string | Buffer): string {
  try {
    return `${check(format, text)} rows`;
  } catch (error) {
    if (error instanceof WrongFile) return error.message;
    throw error;
  }
}

const SAMPLE = 'coin:ETH,60,1795417200,2431.5,,,,,,coingecko,2026-11-23T07:00:12Z';
const CANDLE =
  'btc_candles,86400,1795305600,,77000,79000,76500,77705,12.5,kraken,2026-11-23T00:00:00Z';
const DAY = 'fng,86400,1795392000,26,,,,,,alternative_me,2026-11-23T00:00:00Z';
const csv = (...rows: readonly string[]) => `${[CSV_HEADER, ...rows].join('\n')}\n`;

describe('a file in CSV', () => {
  test.each([
    ['as it was written', csv(SAMPLE, CANDLE, DAY), 3],
    [
      'with the marks and ends of other systems',
      `\ufeff${csv(SAMPLE, DAY).replaceAll('\n', '\r\n')}`,
      2,
    ],
    ['without its last end', csv(SAMPLE).trimEnd(), 1],
    ['with empty lines', csv(SAMPLE, '', '\r', DAY), 2],
    ['with quotes that nothing needs', csv(SAMPLE).replace(/[^,\n]+/g, '"$&"'), 1],
    ['with numbers in another spelling', csv(SAMPLE.replace('2431.5', '2.43150e+3')), 1],
    ['after what npm says', `\n> marketcast@0.1.0 export\n> bun export.ts\n\n${csv(SAMPLE)}`, 1],
    ['of an interval without a trade', csv(CANDLE.replace(',12.5,', ',0,')), 1],
    ['with nothing but its header', csv(), 0],
  ])('is taken %s', (_what, text, rows) => {
    expect(verdict('csv', text)).toBe(`${rows} rows`);
  });

  test('a zero below zero is a zero', () => {
    const row = 'btc_dominance,60,1795417200,-0,,,,,,coingecko,2026-11-23T07:00:12Z';
    const [read] = readCsv(readLines([Buffer.from(csv(row))]), NOW_S);
    expect(read?.row).toMatchObject({ value: 0 });
    expect(Object.is(read?.kind === 'sample' && read.row.value, 0)).toBe(true);
  });

  test.each([
    ['', 'the first line must be'],
    ['PK\u0003\u0004', 'the first line must be'],
    [csv(SAMPLE).replace(',as_of', ''), 'the first line must be'],
    [`${SAMPLE}\n`, 'the first line must be'],
    [Buffer.from(`\ufeff${csv(SAMPLE)}`, 'utf16le'), 'the first line must be'],
    ['x'.repeat(2_000_000), 'longer than'],
  ] as const)('without its header is refused at line 1: %#', (text, reason) => {
    expect(verdict('csv', text)).toStartWith(`line 1: ${reason}`);
  });

  test.each([
    ['an own time before', SAMPLE.replace('07:00:12', '06:59:59'), 'as_of must lie between'],
    ['a mark in the middle', `\ufeff${SAMPLE}`, 'series is none'],
    ['npm in the middle', '> marketcast@0.1.0 export', 'a row has 11 fields'],
    ['fields too few', SAMPLE.replace(',,,,,', ',,,,'), 'a row has 11 fields'],
    ['fields too many', `${SAMPLE},`, 'a row has 11 fields'],
    ['a line without end', `${SAMPLE}${' '.repeat(2_000_000)}`, 'longer than'],
    ['a row cut off', SAMPLE.slice(0, -4), 'as_of must be a time'],
    ['an unknown series', SAMPLE.replace('coin:ETH', 'dogs'), 'series is none'],
    ['a coin in lower case', SAMPLE.replace('coin:ETH', 'coin:eth'), 'series is none'],
    ['a series that is computed', SAMPLE.replace('coin:ETH', 'rsi_14'), 'series is none'],
    ['a prototype', SAMPLE.replace('coin:ETH', '__proto__'), 'series is none'],
    ['another script', SAMPLE.replace('ETH', 'ΕΤΗ'), 'series is none'],
    ['an unknown interval', SAMPLE.replace(',60,', ',120,'), 'interval_s must be one of 60, 300,'],
    ['an interval of nothing', SAMPLE.replace(',60,', ',0,'), 'interval_s must be above 0'],
    [
      'a finer interval than kept',
      DAY.replace(',86400,', ',3600,'),
      'interval_s must be one of 86400',
    ],
    ['a time between', SAMPLE.replace('1795417200', '1795417201'), 'time must be a multiple'],
    [
      'a time with a fraction',
      SAMPLE.replace('1795417200', '1795417200.5'),
      'time must be a whole',
    ],
    ['a time as text', SAMPLE.replace('1795417200', '2026-11-23'), 'time must be a number'],
    ['a time before all', SAMPLE.replace('1795417200', '0'), 'time lies before'],
    ['no number', SAMPLE.replace('2431.5', 'NaN'), 'value must be a number'],
    ['a hexadecimal', SAMPLE.replace('2431.5', '0x10'), 'value must be a number'],
    ['a comma for a point', SAMPLE.replace('2431.5', '"2431,5"'), 'a row has 11 fields'],
    ['a number without end', SAMPLE.replace('2431.5', '1e999'), 'value must be a finite number'],
    ['infinity', SAMPLE.replace('2431.5', 'Infinity'), 'value must be a number'],
    ['a price of nothing', SAMPLE.replace('2431.5', '-0'), 'value is out of range'],
    ['a price below nothing', SAMPLE.replace('2431.5', '-1'), 'value is out of range'],
    ['half a point', DAY.replace(',26,', ',26.5,'), 'value is out of range'],
    ['no value', SAMPLE.replace('2431.5', ''), 'value is missing'],
    ['a candle that is a sample', CANDLE.replace(',,', ',1,'), 'value is missing, or is there'],
    [
      'a sample that is a candle',
      SAMPLE.replace(',,,,,,', ',1,,,,,'),
      'open is missing, or is there',
    ],
    ['half a candle', CANDLE.replace('79000', ''), 'high is missing'],
    ['a high below', CANDLE.replace('79000', '77500'), 'high lies below'],
    ['a low above', CANDLE.replace('76500', '77500'), 'low lies above'],
    ['a negative volume', CANDLE.replace('12.5', '-12.5'), 'volume is out of range'],
    ['a candle of no exchange', CANDLE.replace('kraken', 'coingecko'), 'source must be one of'],
    ['an unknown source', SAMPLE.replace('coingecko', 'evil'), 'source must be one that is known'],
    ['an own time outside', SAMPLE.replace('07:00:12', '07:01:01'), 'as_of must lie between'],
    ['an own time that is none', SAMPLE.replace('11-23T', '02-30T'), 'as_of must be a time'],
    ['another zone', SAMPLE.replace('12Z', '12+00:00'), 'as_of must be a time'],
    [
      'the future',
      SAMPLE.replace('1795417200', '1795420800').replace('T07', 'T08'),
      'as_of lies in',
    ],
  ])('with %s is refused at that line', (_what, row, reason) => {
    expect(verdict('csv', csv(DAY, row, DAY))).toStartWith(`line 3: ${reason}`);
  });

  test('what stands in it is never said', () => {
    expect(verdict('csv', csv(SAMPLE.replace('coin:ETH', '\u001b[2J')))).not.toContain('\u001b');
  });

  test('of any bytes is taken or refused', () => {
    const piece = fc.constantFrom(
      SAMPLE,
      CANDLE,
      DAY,
      CSV_HEADER,
      '\n',
      '\r',
      ',',
      '"',
      '\0',
      '\ufeff',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary' }))), (pieces) => {
        expect(verdict('csv', csv(pieces.join('')))).toMatch(/^(line \d+: .+|\d+ rows)$/);
      }),
    );
  });
});

const ROW =
  '{"interval_s":60,"time":1795417200,"value":2431.5,"source":"coingecko","as_of":"2026-11-23T07:00:12Z"}';
const json = (...lines: readonly string[]) =>
  `${['{"format_version":1,"series":{', ...lines, '}}'].join('\n')}\n`;

describe('a file in JSON', () => {
  test.each([
    ['as it was written', json('"coin:ETH":[', `${ROW},`, ROW, '],', '"coin:SOL":[', ']'), 2],
    ['with nothing in it', json(), 0],
    ['with other ends', `\ufeff${json('"coin:ETH":[', ROW, ']').replaceAll('\n', '\r\n')}`, 1],
  ])('is taken %s', (_what, text, rows) => {
    expect(verdict('json', text)).toBe(`${rows} rows`);
  });

  test.each([
    ['nothing', '', 'line 1: the file ends too early'],
    ['another object', '{"rows":[]}\n', 'line 1: the file must begin with'],
    ['a later format', json().replace(':1,', ':2,'), 'line 1: only format_version 1'],
    [
      'a line for all',
      json('"coin:ETH":[', ROW, ']').replaceAll('\n', ''),
      'line 1: the file must',
    ],
    ['its rows cut off', json('"coin:ETH":[', `${ROW},`).slice(0, -20), 'line 3: a row must stand'],
    ['its end cut off', json('"coin:ETH":[', ROW, ']').slice(0, -3), 'line 5: the file ends'],
    ['a comma too few', json('"coin:ETH":[', ROW, ROW, ']'), 'line 4: a comma is missing'],
    ['a comma too many', json('"coin:ETH":[', `${ROW},`, ']'), 'line 4: a row must follow'],
    ['a series too few', json('"coin:ETH":[', ROW, '],'), 'line 5: a series or the end'],
    [
      'no comma between series',
      json('"fng":[', ']', '"fng":[', ']'),
      'line 4: a series or the end',
    ],
    ['something behind', `${json()}{}`, 'line 3: nothing may follow'],
    ['a row without series', json(ROW), 'line 2: a series or the end'],
    ['an unknown series', json('"dogs":[', ROW, ']'), 'line 3: series is none'],
    [
      'no JSON',
      json('"coin:ETH":[', ROW.replace('2431.5', 'NaN'), ']'),
      'line 3: a row must stand',
    ],
    ['no row', json('"coin:ETH":[', '7', ']'), 'line 3: the row'],
    [
      'null for a number',
      json('"coin:ETH":[', ROW.replace('2431.5', 'null'), ']'),
      'line 3: value must',
    ],
    [
      'text for a number',
      json('"coin:ETH":[', ROW.replace('2431.5', '"1"'), ']'),
      'line 3: value must',
    ],
    [
      'a number without end',
      json('"coin:ETH":[', ROW.replace('2431.5', '1e999'), ']'),
      'line 3: value must be a finite',
    ],
    [
      'a key too many',
      json('"coin:ETH":[', ROW.replace('{', '{"__proto__":{},'), ']'),
      'line 3: a key that no row has',
    ],
    [
      'a key too few',
      json('"coin:ETH":[', ROW.replace('"value":2431.5,', ''), ']'),
      'line 3: value is missing',
    ],
  ])('with %s is refused', (_what, text, verdictWanted) => {
    expect(verdict('json', text)).toStartWith(verdictWanted);
  });

  test('of any bytes is taken or refused', () => {
    const piece = fc.constantFrom(
      `${ROW},\n`,
      `${ROW}\n`,
      ']\n',
      '],\n',
      '"fng":[\n',
      '}}\n',
      '\0',
      '{',
      '[',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary' }))), (pieces) => {
        expect(verdict('json', json(pieces.join('')))).toMatch(/^(line \d+: .+|\d+ rows)$/);
      }),
    );
  });
});
