/** The etcd whose contract is kept; clients choose what to send by it. */
export const ETCD_VERSION = "3.7.1";
/** The storage schema that etcd writes. */
export const STORAGE_VERSION = "3.7.0";
