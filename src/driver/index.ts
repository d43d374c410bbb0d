/** An etcd that is kept: loaded from a journal, and answering nothing that the journal could still lose. */
export { type OpenEtcdOptions, type OpenedEtcd, openEtcd } from "./open.ts";
export { randomSeed } from "./random-seed.ts";
export { type RandomAccessFile, readSeed } from "./snapshot.ts";
