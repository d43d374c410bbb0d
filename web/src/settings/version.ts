/** The page's own version, which is the package's: a test compares them. */
export const PAGE_VERSION = "0.1.0";
