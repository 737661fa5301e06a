// Looks pairs of characters up in a frozen site's index (articles/freezing/finding.py): a worker,
// for SQLite waits for the parts of the file that it reads, and only a worker may wait.
const BLOCK = 16384;
// Who reads on gets twice as much each time, so that a long list takes few ways over the network.
const MOST_BLOCKS = 16;

class Remote {
  // A file on the server, read by blocks; each is asked for once.
  constructor(url, size) {
    Object.assign(this, { url, size, blocks: new Map(), expected: 1, many: 1 });
  }

  // The first block. A server that knows no parts would send everything: this request can be ended.
  async begin() {
    const ending = new AbortController();
    const headers = { Range: `bytes=0-${Math.min(BLOCK, this.size) - 1}` };
    const answer = await fetch(this.url, { headers, signal: ending.signal });
    if (answer.status !== 206) {
      ending.abort();
      throw new Error(`${this.url}: ${answer.status}`);
    }
    this.blocks.set(0, new Uint8Array(await answer.arrayBuffer()));
    return this;
  }

  read(from, upto) {
    const bytes = new Uint8Array(upto - from);
    for (let at = from; at < upto; ) {
      const block = this.block(Math.floor(at / BLOCK));
      const start = at % BLOCK;
      const part = block.subarray(start, Math.min(block.length, start + upto - at));
      bytes.set(part, at - from);
      at += part.length;
    }
    return bytes;
  }

  block(number) {
    if (!this.blocks.has(number)) {
      this.many = number === this.expected ? Math.min(2 * this.many, MOST_BLOCKS) : 1;
      const start = number * BLOCK;
      const got = this.ask(start, Math.min(start + this.many * BLOCK, this.size));
      for (let n = 0; n * BLOCK < got.length; n++) {
        this.blocks.set(number + n, got.subarray(n * BLOCK, (n + 1) * BLOCK));
      }
      this.expected = number + this.many;
    }
    return this.blocks.get(number);
  }

  ask(from, upto) {
    const request = new XMLHttpRequest();
    request.open("GET", this.url, false);
    request.responseType = "arraybuffer";
    request.setRequestHeader("Range", `bytes=${from}-${upto - 1}`);
    request.send();
    if (request.status !== 206 || request.response.byteLength !== upto - from) {
      throw new Error(`${this.url}: ${request.status}`);
    }
    return new Uint8Array(request.response);
  }
}

// What SQLite asks of a file system, for one file that never changes.
function serve(sqlite3, remote) {
  const { capi, wasm } = sqlite3;
  const io = new capi.sqlite3_io_methods();
  const vfs = new capi.sqlite3_vfs();
  const fine = () => 0;
  const refused = () => capi.SQLITE_READONLY;
  const no = (_, out) => wasm.poke32(out, 0) && 0;
  io.$iVersion = vfs.$iVersion = 1;
  vfs.$szOsFile = capi.sqlite3_file.structInfo.sizeof;
  vfs.$mxPathname = 64;
  sqlite3.vfs.installVfs({
    io: {
      struct: io,
      methods: {
        xClose: fine,
        xSync: fine,
        xLock: fine,
        xUnlock: fine,
        xWrite: refused,
        xTruncate: refused,
        xFileControl: () => capi.SQLITE_NOTFOUND,
        xSectorSize: () => BLOCK,
        xDeviceCharacteristics: () => capi.SQLITE_IOCAP_IMMUTABLE,
        xCheckReservedLock: no,
        xFileSize(_, out) {
          wasm.poke64(out, BigInt(remote.size));
          return 0;
        },
        xRead(_, to, many, at) {
          const from = Number(at);
          const upto = Math.min(from + many, remote.size);
          try {
            wasm.heap8u().set(remote.read(from, upto), Number(to));
          } catch {
            return capi.SQLITE_IOERR_READ;
          }
          if (upto === from + many) return 0;
          wasm.heap8u().fill(0, Number(to) + upto - from, Number(to) + many);
          return capi.SQLITE_IOERR_SHORT_READ;
        },
      },
    },
    vfs: {
      struct: vfs,
      name: "remote",
      methods: {
        xOpen(_, name, file, flags, out) {
          const opened = new capi.sqlite3_file(file);
          opened.$pMethods = io.pointer;
          opened.dispose();
          if (out) wasm.poke32(out, flags);
          return 0;
        },
        xDelete: refused,
        xAccess(_, name, flags, out) {
          wasm.poke32(out, 0);
          return 0;
        },
        xFullPathname(_, name, many, out) {
          return wasm.cstrncpy(out, name, many) < many ? 0 : capi.SQLITE_CANTOPEN;
        },
        xRandomness: (_, many, out) => {
          crypto.getRandomValues(wasm.heap8u().subarray(Number(out), Number(out) + many));
          return many;
        },
        xSleep: fine,
        xCurrentTime: (_, out) => {
          wasm.poke(out, Date.now() / 86400000 + 2440587.5, "double");
          return 0;
        },
        xGetLastError: fine,
      },
    },
  });
  return new sqlite3.oo1.DB({ filename: "index", flags: "r", vfs: "remote" });
}

async function open({ file, size, sqlite, wasm }) {
  const { default: load } = await import(sqlite);
  const sqlite3 = await load({ locateFile: () => wasm, print() {}, printErr() {} });
  return serve(sqlite3, await new Remote(file, size).begin());
}

const statement = (table) => `
  SELECT place, path FROM article JOIN (
    SELECT rowid AS found FROM ${table} WHERE ${table} MATCH ? AND rowid < ?
    ORDER BY rowid DESC LIMIT ?
  ) ON place = found ORDER BY place DESC`;
const STATEMENTS = { titled: statement("titled"), said: statement("said") };

let opening;

// Of one table, the newest articles that have all pairs and are older than `before`.
async function find({ table, match, before, many, ...about }) {
  opening ??= open(about);
  const index = await opening;
  return index.selectArrays(STATEMENTS[table], [match, before, many]);
}

self.addEventListener("message", async ({ data }) => {
  try {
    postMessage({ found: await find(data) });
  } catch (error) {
    postMessage({ failed: String(error) });
  }
});
