import { refuseDatabases } from "./faults.ts";

refuseDatabases();
