/** The etcd whose contract is kept; clients choose what to send by it. */
export const ETCD_VERSION = "3.7.1";
