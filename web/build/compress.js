// Compresses each built file beside itself, and fails where the whole desk is larger than it may be.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const SITE = fileURLToPath(new URL('../../functions/order_desk/order_desk/site', import.meta.url));
const MOST_BYTES = 60_000;

const smallest = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
const isFile = (entry) => entry.isFile() && !/\.(gz|br)$/.test(entry.name);
const files = readdirSync(SITE, { withFileTypes: true, recursive: true })
  .filter(isFile)
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

let total = 0;
for (const file of files) {
  const content = readFileSync(file);
  const zipped = gzipSync(content, { level: 9 });
  writeFileSync(`${file}.gz`, zipped);
  writeFileSync(`${file}.br`, brotliCompressSync(content, smallest));
  total += zipped.length;
}
console.log(`the order desk: ${files.length} files, ${total} bytes compressed (gzip), ${MOST_BYTES} at most`);
if (total > MOST_BYTES) {
  console.error('the order desk is too large');
  process.exit(1);
}
